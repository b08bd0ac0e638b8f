#include "media/s3_blobs.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include "media/s3/bucket.h"
#include "media/s3/xml_text.h"

/// Tested by conformance_test.cc with a real server, and by s3_blobs_test.cc with one that breaks.
namespace katip::media {
namespace {

constexpr std::int64_t kPartSizeMin = 5 << 20;    // Of the protocol, but for the last part.
constexpr std::int64_t kPartSizeMax = 1LL << 30;  // It has to fit into the memory.
constexpr std::int64_t kPartCountMax = 10'000;    // Of the protocol.

std::string without_quotes(std::string text) {
  std::erase(text, '"');
  return text;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// "2009-10-12T17:50:30.000Z"; the epoch for what is no time.
std::chrono::system_clock::time_point time_of(const std::string& text) {
  std::tm parts{};
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return {};
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

/// The size of the whole: "bytes 5-9/100" of a part, else the length.
std::int64_t whole_size(const TransportAnswer& head) {
  const std::string range = head.header("content-range");
  const std::size_t slash = range.rfind('/');
  return slash != range.npos ? number_of(std::string_view(range).substr(slash + 1))
                             : number_of(head.header("content-length"));
}

BlobInfo info_of(std::string_view key, const TransportAnswer& head) {
  return {.key = std::string(key),
          .size = whole_size(head),
          .version = without_quotes(head.header("etag")),
          .modified_at = parse_http_date(head.header("last-modified"))
                             .value_or(std::chrono::system_clock::time_point())};
}

/// Parts of one size, as some servers want them, and so large that there are not too many.
std::int64_t part_size_for(const PutOptions& options, std::int64_t usual) {
  const std::int64_t needed = (options.size.value_or(0) + kPartCountMax - 1) / kPartCountMax;
  return std::max(usual, needed);
}

std::unexpected<Error> wrong_size(std::string_view key, std::int64_t is, std::int64_t wanted) {
  return fail(ErrorCode::kCorruptData,
              fmt::format("{} bytes came for {} and not {}", is, key, wanted));
}

}  // namespace

Status S3Options::validate() const {
  KATIP_TRY(S3Address::from(*this, endpoint));
  if (!public_endpoint.empty()) KATIP_TRY(S3Address::from(*this, public_endpoint));
  if (access_key.empty() || secret_key.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "STORAGE_URL names a bucket: set STORAGE_ACCESS_KEY and STORAGE_SECRET_KEY too");
  }
  const bool is_right = part_size >= kPartSizeMin && part_size <= kPartSizeMax &&
                        attempt_count_max >= 1 && attempt_count_max <= 100 && !region.empty() &&
                        backoff_first.count() >= 1 && backoff_max >= backoff_first &&
                        stall_timeout.count() >= 1;
  return is_right ? Status()
                  : fail(ErrorCode::kInvalidArgument,
                         "S3: parts are of 5 MiB to 1 GiB, attempts 1 to 100, and times positive");
}

/// A blob that is sent in parts. What does not come to its end is given up, so that nothing of it
/// stays in the bucket. Threads: one thread.
class S3Blobs::MultipartPut {
 public:
  MultipartPut(Bucket& bucket, std::string_view key, std::int64_t part_size)
      : bucket_(bucket), key_(key), part_size_(part_size) {}

  /// `part`: the first one, whole.
  Result<BlobInfo> run(const BlobSource& source, const PutOptions& options, std::string part,
                       const std::stop_token& stop) {
    const S3Answer begun =
        KATIP_TRY(bucket_.call({.method = "POST",
                                .key = key_,
                                .query = {{"uploads", ""}},
                                .headers = {{"content-type", options.media_type}}},
                               stop));
    upload_id_ = text_of(begun.body, "UploadId").value_or("");
    if (upload_id_.empty()) {
      return fail(ErrorCode::kUnavailable, "the S3 server named no upload: is it one of S3?");
    }
    auto done = send_all(source, options, std::move(part), stop);
    // Not under the stop that may have ended it: what lies there costs somebody money.
    if (!done) {
      static_cast<void>(bucket_.call_once(
          {.method = "DELETE", .key = key_, .query = {{"uploadId", upload_id_}}}, {}));
    }
    return done;
  }

 private:
  Result<BlobInfo> send_all(const BlobSource& source, const PutOptions& options, std::string part,
                            const std::stop_token& stop) {
    while (!part.empty()) {
      if (part_count_ == kPartCountMax) {
        return fail(ErrorCode::kTooLarge, fmt::format("{} has more than {} parts of {} bytes", key_,
                                                      kPartCountMax, part_size_));
      }
      KATIP_TRY(send(part, stop));
      if (static_cast<std::int64_t>(part.size()) < part_size_) break;
      part.resize(KATIP_TRY(fill(source, part)));
    }
    if (options.size && *options.size != size_) return wrong_size(key_, size_, *options.size);
    return complete(stop);
  }

  Status send(const std::string& part, const std::stop_token& stop) {
    const int number = static_cast<int>(++part_count_);
    const S3Answer answer = KATIP_TRY(
        bucket_.call({.method = "PUT",
                      .key = key_,
                      .query = {{"partNumber", std::to_string(number)}, {"uploadId", upload_id_}},
                      .body = part},
                     stop));
    list_ += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag></Part>", number,
                         without_quotes(answer.head.header("etag")));
    size_ += static_cast<std::int64_t>(part.size());
    return {};
  }

  Result<BlobInfo> complete(const std::stop_token& stop) {
    const std::string body =
        fmt::format("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", list_);
    const auto answer = bucket_.call({.method = "POST",
                                      .key = key_,
                                      .query = {{"uploadId", upload_id_}},
                                      .headers = {{"content-type", "application/xml"}},
                                      .body = body},
                                     stop);
    BlobInfo info{
        .key = std::string(key_), .size = size_, .modified_at = bucket_.clock().calendar()};
    if (answer) {
      info.version = without_quotes(text_of(answer->body, "ETag").value_or(""));
      return info;
    }
    // An answer that was lost on its way: the second request finds no upload, and the blob there.
    if (answer.error().code == ErrorCode::kNotFound) {
      const auto head = bucket_.call({.method = "HEAD", .key = key_}, stop);
      if (head && whole_size(head->head) == size_) return info_of(key_, head->head);
    }
    return std::unexpected(answer.error());
  }

  Bucket& bucket_;
  const std::string key_;
  const std::int64_t part_size_;
  std::string upload_id_;
  std::string list_;  // Of the parts, as XML.
  std::int64_t part_count_ = 0;
  std::int64_t size_ = 0;
};

S3Blobs::S3Blobs(std::unique_ptr<Bucket> bucket) : bucket_(std::move(bucket)) {}
S3Blobs::~S3Blobs() = default;

Result<std::unique_ptr<S3Blobs>> S3Blobs::open(S3Options options, const Clock& clock, Rng& rng) {
  KATIP_TRY(options.validate());
  S3Address address = KATIP_TRY(S3Address::from(options, options.endpoint));
  const bool has_public = !options.public_endpoint.empty();
  S3Address seen =
      KATIP_TRY(S3Address::from(options, has_public ? options.public_endpoint : options.endpoint));
  return std::unique_ptr<S3Blobs>(new S3Blobs(std::make_unique<Bucket>(
      std::move(options), std::move(address), std::move(seen), clock, rng)));
}

Result<BlobInfo> S3Blobs::put(std::string_view key, const BlobSource& source,
                              const PutOptions& options, std::stop_token stop) {
  KATIP_TRY(check_key(key));
  const std::int64_t part_size = part_size_for(options, bucket_->options().part_size);
  // One byte more than a small blob has shows that it ends there.
  const std::int64_t expected = options.size.value_or(part_size);
  std::string first(static_cast<std::size_t>(std::min(part_size, expected + 1)), '\0');
  first.resize(KATIP_TRY(fill(source, first)));
  const auto size = static_cast<std::int64_t>(first.size());
  if (size == part_size) {
    return MultipartPut(*bucket_, key, part_size).run(source, options, std::move(first), stop);
  }
  if (options.size && *options.size != size) return wrong_size(key, size, *options.size);
  const S3Answer answer =
      KATIP_TRY(bucket_->call({.method = "PUT",
                               .key = std::string(key),
                               .headers = {{"content-type", options.media_type}},
                               .body = first},
                              stop));
  return BlobInfo{.key = std::string(key),
                  .size = size,
                  .version = without_quotes(answer.head.header("etag")),
                  .modified_at = bucket_->clock().calendar()};
}

Result<BlobInfo> S3Blobs::read(std::string_view key, ByteRange range, const BlobSink& sink,
                               std::stop_token stop) {
  KATIP_TRY(check_key(key));
  if (range.first < 0 || range.count.value_or(1) < 1) {
    return fail(ErrorCode::kInvalidArgument, "there are no such bytes in a blob");
  }
  BlobInfo info;
  std::int64_t done = 0;      // Bytes that the sink has.
  std::int64_t expected = 0;  // Bytes that it is to get.
  for (int attempt = 1;; ++attempt) {
    const std::int64_t before = done;
    S3Call call{.key = std::string(key)};
    if (range.first + done > 0 || range.count) {
      call.headers.emplace_back(
          "range", fmt::format("bytes={}-{}", range.first + done,
                               range.count ? std::to_string(range.first + *range.count - 1) : ""));
    }
    // The rest has to be of the same bytes as what was read before a connection broke.
    if (!info.version.empty()) call.headers.emplace_back("if-match", "\"" + info.version + "\"");
    call.on_head = [&](const TransportAnswer& head) -> Status {
      if (head.status != 206 && range.first + done > 0) {
        return fail(ErrorCode::kUnavailable, "the S3 server does not give parts of a blob");
      }
      info = info_of(key, head);
      const std::int64_t rest = std::max<std::int64_t>(info.size - range.first, 0);
      expected = std::min(range.count.value_or(INT64_MAX), rest);
      return {};
    };
    call.on_body = [&](std::string_view bytes) -> Status {
      done += static_cast<std::int64_t>(bytes.size());
      return sink(bytes);
    };
    const auto answer = bucket_->call_once(call, stop);
    if (answer && done == expected) return info;
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped while reading");
    // Of a blob without bytes there is no range, also not the one that begins at its begin.
    if (!answer && answer.error().error.code == ErrorCode::kInvalidArgument && range.first == 0) {
      const auto found = KATIP_TRY(find(key, stop));
      return found ? Result<BlobInfo>(*found) : no_such_blob(key);
    }
    if (done > before) attempt = 1;
    const bool may_pass = answer ? done < expected : answer.error().may_pass;
    if (!may_pass || !bucket_->wait_after(attempt, stop)) {
      return answer ? fail(ErrorCode::kUnavailable, "the S3 server gave another number of bytes")
                    : std::unexpected(answer.error().error);
    }
  }
}

Result<std::optional<BlobInfo>> S3Blobs::find(std::string_view key, std::stop_token stop) {
  KATIP_TRY(check_key(key));
  const auto answer = bucket_->call({.method = "HEAD", .key = std::string(key)}, stop);
  if (answer) return std::optional(info_of(key, answer->head));
  if (answer.error().code == ErrorCode::kNotFound) return std::optional<BlobInfo>();
  return std::unexpected(answer.error());
}

Status S3Blobs::remove(std::string_view key, std::stop_token stop) {
  KATIP_TRY(check_key(key));
  const auto answer = bucket_->call({.method = "DELETE", .key = std::string(key)}, stop);
  if (answer || answer.error().code == ErrorCode::kNotFound) return {};
  return std::unexpected(answer.error());
}

Result<BlobPage> S3Blobs::list(std::string_view prefix, std::string_view after, int count_max,
                               std::stop_token stop) {
  if (count_max < 1 || count_max > kListCountMax) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a list has 1 to {} blobs", kListCountMax));
  }
  const std::string& own = bucket_->address().prefix;
  std::string behind = after.empty() ? "" : own + std::string(after);
  BlobPage page;
  do {
    S3Call call{.query = {{"list-type", "2"},
                          {"prefix", own + std::string(prefix)},
                          {"max-keys", std::to_string(count_max)}}};
    if (!behind.empty()) call.query.emplace_back("start-after", behind);
    const S3Answer answer = KATIP_TRY(bucket_->call(call, stop));
    const auto elements = elements_of(answer.body, "Contents");
    page.has_more = text_of(answer.body, "IsTruncated") == "true" && !elements.empty();
    for (const std::string_view element : elements) {
      behind = text_of(element, "Key").value_or("");
      if (!behind.starts_with(own) || !check_key(behind.substr(own.size()))) continue;  // Foreign.
      page.blobs.push_back({.key = behind.substr(own.size()),
                            .size = number_of(text_of(element, "Size").value_or("")),
                            .version = without_quotes(text_of(element, "ETag").value_or("")),
                            .modified_at = time_of(text_of(element, "LastModified").value_or(""))});
    }
  } while (page.blobs.empty() && page.has_more);
  return page;
}

Result<std::optional<std::string>> S3Blobs::download_url(std::string_view key,
                                                         const DownloadLink& link) {
  KATIP_TRY(check_key(key));
  constexpr std::chrono::seconds kValidMax{604'800};  // Of the protocol.
  if (link.valid_for < std::chrono::seconds(1) || link.valid_for > kValidMax) {
    return fail(ErrorCode::kInvalidArgument, "an address is valid for a second to seven days");
  }
  return std::optional(bucket_->download_url(key, link));
}

std::optional<std::string> S3Blobs::download_origin() const { return bucket_->download_origin(); }

std::optional<std::filesystem::path> S3Blobs::local_path(std::string_view) const {
  return std::nullopt;
}

std::string S3Blobs::description() const {
  return fmt::format("bucket {} at {}", bucket_->address().bucket, bucket_->address().host);
}

}  // namespace katip::media
