#include "media/s3/bucket.h"

#include <algorithm>

#include <fmt/format.h>

#include "media/s3/xml_text.h"

/// Tested by conformance_test.cc with a real server, and by s3_blobs_test.cc.
namespace katip::media {
namespace {

constexpr std::size_t kBodySizeMax = 16 << 20;  // Of an answer that is kept: a list of 1,000 keys.

bool is_bucket_name(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && name.front() != '.' && name.front() != '-' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

bool is_host(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
  });
}

/// What the server has against it, in the words of its documentation.
bool may_pass(int status, std::string_view code) {
  return status >= 500 || status == 429 || status == 408 || code == "RequestTimeout" ||
         code == "SlowDown" || code == "OperationAborted";
}

std::string_view advice_for(std::string_view code) {
  if (code == "NoSuchBucket") return "; make the bucket first, or correct STORAGE_URL";
  if (code == "InvalidAccessKeyId" || code == "SignatureDoesNotMatch" || code == "AccessDenied") {
    return "; check STORAGE_ACCESS_KEY, STORAGE_SECRET_KEY and STORAGE_REGION, and what this key "
           "may do";
  }
  if (code == "RequestTimeTooSkewed") return "; set the clock of this machine";
  if (code == "PermanentRedirect" || code == "AuthorizationHeaderMalformed") {
    return "; the bucket is in another region: check STORAGE_REGION and STORAGE_ENDPOINT";
  }
  return "";
}

}  // namespace

std::string S3Address::path_of(std::string_view key) const {
  const std::string whole = prefix + std::string(key);
  const std::string path = is_path_style ? "/" + bucket + (key.empty() ? "" : "/" + whole)
                                         : "/" + (key.empty() ? "" : whole);
  return percent_encoded(path, Slash::kKeep);
}

Result<S3Address> S3Address::from(const S3Options& options, const std::string& endpoint) {
  constexpr std::string_view kScheme = "s3://";
  if (!options.url.starts_with(kScheme)) {
    return fail(ErrorCode::kInvalidArgument,
                "STORAGE_URL is s3://BUCKET or s3://BUCKET/PREFIX, or empty for the data folder");
  }
  S3Address address;
  const std::string rest = options.url.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  address.bucket = rest.substr(0, slash);
  if (!is_bucket_name(address.bucket)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("STORAGE_URL: {} is not the name of a bucket", address.bucket));
  }
  address.prefix = slash < rest.size() ? rest.substr(slash + 1) : "";
  while (address.prefix.ends_with('/')) address.prefix.pop_back();
  if (!address.prefix.empty() && !check_key(address.prefix)) {
    return fail(ErrorCode::kInvalidArgument,
                "STORAGE_URL: the prefix has other characters than A-Z a-z 0-9 . _ - /");
  }
  if (!address.prefix.empty()) address.prefix += '/';

  std::string server =
      endpoint.empty() ? fmt::format("https://s3.{}.amazonaws.com", options.region) : endpoint;
  address.scheme = options.is_secure ? "https" : "http";
  if (const std::size_t end = server.find("://"); end != server.npos) {
    address.scheme = server.substr(0, end);
    server.erase(0, end + 3);
  }
  while (server.ends_with('/')) server.pop_back();
  if ((address.scheme != "http" && address.scheme != "https") || !is_host(server)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("STORAGE_ENDPOINT: {} is no address of a server", endpoint));
  }
  // A port that everybody knows is not sent, so it must not be signed either.
  const std::string_view usual = address.scheme == "https" ? ":443" : ":80";
  if (server.ends_with(usual)) server.resize(server.size() - usual.size());
  address.is_path_style = options.is_path_style;
  address.host = address.is_path_style ? server : address.bucket + "." + server;
  return address;
}

S3Blobs::Bucket::Bucket(S3Options options, S3Address address, S3Address public_address,
                        const Clock& clock, Rng& rng)
    : options_(std::move(options)),
      address_(std::move(address)),
      public_address_(std::move(public_address)),
      credentials_{.access_key = options_.access_key,
                   .secret_key = options_.secret_key,
                   .session_token = options_.session_token},
      clock_(clock),
      rng_(rng),
      transport_({.stall_timeout = options_.stall_timeout, .ca_file = options_.ca_file}) {}

S3Problem S3Blobs::Bucket::problem_of(const S3Answer& answer, const S3Call& call) const {
  const int status = answer.head.status;
  const std::string code = text_of(answer.body, "Code").value_or("");
  const bool is_absent = status == 404 && code != "NoSuchBucket" && !call.key.empty();
  if (is_absent) return {.error = no_such_blob(call.key).error(), .may_pass = false};
  if (status == 416) {
    return {.error = {ErrorCode::kInvalidArgument, "there are no such bytes in the blob"}};
  }
  if (status == 412) {
    return {.error = {ErrorCode::kConflict, "the blob was replaced while it was read"}};
  }
  // Whatever it is, the request was right: another key, clock or bucket may make it go.
  std::string message =
      fmt::format("the S3 server {} refused {} with {} {}{}", address_.host, call.method, status,
                  code.empty() ? "" : code.substr(0, 60), advice_for(code));
  return {.error = {ErrorCode::kUnavailable, std::move(message)},
          .may_pass = may_pass(status, code)};
}

std::expected<S3Answer, S3Problem> S3Blobs::Bucket::call_once(const S3Call& call,
                                                              const std::stop_token& stop) {
  const S3Request request{.method = call.method,
                          .host = address_.host,
                          .path = address_.path_of(call.key),
                          .query = call.query,
                          .headers = call.headers,
                          .payload_sha256 = sha256_of(call.body)};
  const std::string query = canonical_query(call.query);
  TransportRequest sent{.method = call.method,
                        .url = fmt::format("{}://{}{}{}{}", address_.scheme, address_.host,
                                           request.path, query.empty() ? "" : "?", query),
                        .body = call.body};
  for (const auto& [name, value] : signed_headers(
           request, credentials_, {.region = options_.region, .time = clock_.calendar()})) {
    sent.header_lines.push_back(name + ": " + value);
  }
  S3Answer answer;
  std::optional<Error> refused;  // by who reads
  const auto is_success = [](int status) { return status >= 200 && status < 300; };
  sent.on_headers = [&](int status, const auto& headers) -> Status {
    if (!is_success(status) || !call.on_head) return {};
    Status taken = call.on_head({.status = status, .headers = headers});
    if (!taken) refused = taken.error();
    return taken;
  };
  sent.on_body = [&](int status, std::string_view bytes) -> Status {
    if (is_success(status) && call.on_body) {
      Status taken = call.on_body(bytes);
      if (!taken) refused = taken.error();
      return taken;
    }
    if (answer.body.size() + bytes.size() > kBodySizeMax) {
      return fail(ErrorCode::kUnavailable, "the S3 server says too much");
    }
    answer.body += bytes;
    return {};
  };
  auto head = transport_.perform(sent, stop);
  if (!head) {
    Error error = std::move(head).error();
    const bool is_transient =
        error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
    const bool is_ours = refused || error.code == ErrorCode::kCancelled;
    if (!is_ours) error.message.insert(0, fmt::format("the S3 server {}: ", address_.host));
    if (!is_ours && !is_transient) error.code = ErrorCode::kUnavailable;
    return std::unexpected(
        S3Problem{.error = std::move(error), .may_pass = is_transient && !is_ours});
  }
  answer.head = *std::move(head);
  // The end of a multipart upload answers at once and may say later that it failed.
  const bool is_late_error =
      !call.on_body && text_of(answer.body, "Error").has_value() && call.method == "POST";
  if (is_success(answer.head.status) && !is_late_error) return answer;
  if (is_late_error && is_success(answer.head.status)) answer.head.status = 500;
  return std::unexpected(problem_of(answer, call));
}

bool S3Blobs::Bucket::wait_after(int attempt, const std::stop_token& stop) {
  if (attempt >= options_.attempt_count_max) return false;
  const int doublings = std::min(attempt - 1, 20);
  const auto limit =
      std::min(options_.backoff_first * (std::int64_t{1} << doublings), options_.backoff_max);
  // Anywhere up to the limit: those who failed together do not come back together.
  const auto span = static_cast<std::uint64_t>(std::max<std::int64_t>(limit.count(), 1));
  const std::chrono::milliseconds wait(static_cast<std::int64_t>(rng_.next() % span) + 1);
  return clock_.sleep_for(wait, stop);
}

Result<S3Answer> S3Blobs::Bucket::call(const S3Call& call, const std::stop_token& stop) {
  for (int attempt = 1;; ++attempt) {
    auto answer = call_once(call, stop);
    if (answer) return *std::move(answer);
    if (!answer.error().may_pass || !wait_after(attempt, stop)) {
      if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
      return std::unexpected(std::move(answer).error().error);
    }
  }
}

std::string S3Blobs::Bucket::download_origin() const {
  return fmt::format("{}://{}", public_address_.scheme, public_address_.host);
}

std::string S3Blobs::Bucket::download_url(std::string_view key, const DownloadLink& link) const {
  const S3Address& address = public_address_;
  S3Request request{.host = address.host, .path = address.path_of(key)};
  if (!link.media_type.empty()) {
    request.query.emplace_back("response-content-type", link.media_type);
  }
  if (!link.file_name.empty()) {
    request.query.emplace_back("response-content-disposition",
                               fmt::format("attachment; filename*=UTF-8''{}",
                                           percent_encoded(link.file_name, Slash::kEncode)));
  }
  return fmt::format(
      "{}{}?{}", download_origin(), request.path,
      presigned_query(request, credentials_, {.region = options_.region, .time = clock_.calendar()},
                      link.valid_for));
}

}  // namespace katip::media
