#include "http/routes/uploads.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "http/wire/base64.h"
#include "http/wire/conditions.h"
#include "http/wire/tus_headers.h"

/// Source: the tus protocol 1.0.0.
/// Tested by tests/e2e/test_uploads.py, with tuspy too.
namespace katip::http {
namespace {

constexpr std::string_view kVersion = "1.0.0";
constexpr std::string_view kPath = "/api/v1/uploads";
constexpr std::string_view kOffsetType = "application/offset+octet-stream";
constexpr std::string_view kExtensions =
    "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination,"
    "concatenation";
constexpr std::size_t kPartCountMax = 1'000;

using Opened = std::expected<std::unique_ptr<BodySink>, Failure>;

Failure with_version(Failure failure) {
  failure.headers.set("Tus-Resumable", std::string(kVersion));
  return failure;
}

Failure bad(std::string message) {
  return with_version(Failure(400, "BAD_UPLOAD_REQUEST", std::move(message)));
}

/// Every request but OPTIONS names the version that it speaks.
std::optional<Failure> refuse_version(const Request& request) {
  if (request.headers.get("Tus-Resumable") == kVersion) return std::nullopt;
  Failure failure(412, "TUS_VERSION",
                  "say Tus-Resumable: 1.0.0; other versions are not spoken here");
  failure.headers.set("Tus-Version", std::string(kVersion));
  return with_version(std::move(failure));
}

void add_state(const app::Upload& upload, Response& response) {
  response.headers.set("Tus-Resumable", std::string(kVersion));
  response.headers.set("Upload-Offset", fmt::format("{}", upload.received_size));
  if (upload.status == app::UploadStatus::kReceiving) {
    response.headers.set("Upload-Expires", http_date(upload.expires_at));
  }
}

/// What the client said when it created it.
void add_notes(const app::Upload& upload, Response& response) {
  const app::UploadNotes notes = app::parse_upload_notes(upload.metadata);
  if (notes.is_part) response.headers.set("Upload-Concat", "partial");
  if (!notes.joined_from.empty()) response.headers.set("Upload-Concat", notes.joined_from);
  if (!notes.description.empty()) {
    response.headers.set("Upload-Metadata", notes.description);
  } else if (upload.file_name) {  // Of a server that kept nothing else.
    response.headers.set("Upload-Metadata", "filename " + base64_encoded(*upload.file_name));
  }
}

/// The sum of a body, as "sha1 …" says it.
class Checksum {
 public:
  static std::expected<std::unique_ptr<Checksum>, Failure> parse(std::string_view header) {
    const auto said = tus_checksum(header);
    const std::string_view name = said ? std::string_view(said->algorithm) : "";
    const EVP_MD* algorithm = name == "sha1"     ? EVP_sha1()
                              : name == "sha256" ? EVP_sha256()
                                                 : nullptr;
    if (algorithm == nullptr) {
      return std::unexpected(bad("Upload-Checksum is `sha1` or `sha256` and the sum in base64"));
    }
    return std::unique_ptr<Checksum>(new Checksum(algorithm, said->sum));
  }
  ~Checksum() { EVP_MD_CTX_free(context_); }
  Checksum(const Checksum&) = delete;
  Checksum& operator=(const Checksum&) = delete;

  void update(std::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  bool is_right() {
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_, sum, &size);
    return wanted_ == std::string_view(reinterpret_cast<char*>(sum), size);
  }

 private:
  Checksum(const EVP_MD* algorithm, std::string wanted)
      : context_(EVP_MD_CTX_new()), wanted_(std::move(wanted)) {
    EVP_DigestInit_ex(context_, algorithm, nullptr);
  }
  EVP_MD_CTX* context_;
  const std::string wanted_;
};

/// Of a request: none when it says none.
std::expected<std::unique_ptr<Checksum>, Failure> take_checksum(const Request& request) {
  if (!request.headers.has("Upload-Checksum")) return nullptr;
  return Checksum::parse(request.headers.get("Upload-Checksum"));
}

enum class Origin {
  kKnown,  ///< The client has its address, and may go on.
  kNew,    ///< The answer will tell its address.
};

/// The bytes of a PATCH, or of a POST that brings some along.
class PieceSink final : public BodySink {
 public:
  PieceSink(std::unique_ptr<app::UploadWriter> writer, std::unique_ptr<Checksum> checksum,
            Response response, Origin origin)
      : writer_(std::move(writer)),
        checksum_(std::move(checksum)),
        response_(std::move(response)),
        origin_(origin) {}

  Status write(std::string_view bytes) override {
    if (checksum_) checksum_->update(bytes);
    return writer_->write(bytes);
  }
  Answer finish() override {
    if (checksum_ && !checksum_->is_right()) {
      drop();
      return std::unexpected(with_version(Failure(
          460, "CHECKSUM_MISMATCH", "the bytes that came are not those of Upload-Checksum")));
    }
    const auto upload = writer_->finish();
    if (!upload) return std::unexpected(with_version(upload.error()));
    add_state(*upload, response_);
    return std::move(response_);
  }
  /// What came before the connection broke is kept, unless nobody can say that it is right, or ask
  /// for it.
  void abandon() override {
    if (origin_ == Origin::kNew || checksum_) return drop();
    static_cast<void>(writer_->finish());
  }

 private:
  void drop() {
    writer_->discard();
    if (origin_ == Origin::kNew) static_cast<void>(writer_->withdraw());  // Else it expires.
  }

  std::unique_ptr<app::UploadWriter> writer_;
  std::unique_ptr<Checksum> checksum_;
  Response response_;
  const Origin origin_;
};

/// A request whose body does not matter.
class NoBody final : public BodySink {
 public:
  explicit NoBody(Response response) : response_(std::move(response)) {}
  Status write(std::string_view) override { return {}; }
  Answer finish() override { return std::move(response_); }

 private:
  Response response_;
};

std::expected<app::UploadRequest, Failure> parse_creation(const Request& request) {
  app::UploadRequest wanted;
  const std::string_view length = request.headers.get("Upload-Length");
  const bool is_deferred = request.headers.get("Upload-Defer-Length") == "1";
  if (!length.empty()) {
    wanted.size = tus_count(length);
    if (!wanted.size) return std::unexpected(bad("Upload-Length is a whole number of bytes"));
  }
  const auto concat = tus_concat(request.headers.get("Upload-Concat"));
  if (!concat) return std::unexpected(bad("Upload-Concat is `partial` or `final;` and addresses"));
  wanted.notes.is_part = concat->part == TusPart::kPartial;
  const bool is_final = concat->part == TusPart::kFinal;
  if (is_final) wanted.notes.joined_from = request.headers.get("Upload-Concat");
  if (length.empty() != (is_deferred || is_final)) {
    return std::unexpected(bad("say either Upload-Length or Upload-Defer-Length: 1"));
  }
  auto metadata = tus_metadata(request.headers.get("Upload-Metadata"));
  if (!metadata) {
    return std::unexpected(bad("Upload-Metadata holds pairs of a name and a value in base64"));
  }
  wanted.notes.description = request.headers.get("Upload-Metadata");
  wanted.file_name = metadata->contains("filename") ? (*metadata)["filename"] : (*metadata)["name"];
  wanted.media_type =
      metadata->contains("filetype") ? (*metadata)["filetype"] : (*metadata)["type"];
  return wanted;
}

Response created(const app::Upload& upload) {
  Response response = empty_response();
  response.status = 201;
  response.headers.set("Location", fmt::format("{}/{}", kPath, upload.id));
  add_state(upload, response);
  return response;
}

/// 507, with what to do about it.
std::optional<Failure> refuse_without_room(app::Uploads& uploads, const Request& request,
                                           std::int64_t wanted) {
  const auto shortage = uploads.shortage(request.principal, wanted, {});
  if (!shortage) return with_version(shortage.error());
  if (!*shortage) return std::nullopt;
  return with_version(Failure(507, "INSUFFICIENT_STORAGE", **shortage));
}

Opened create(app::Uploads& uploads, Request& request) {
  if (auto failure = refuse_version(request)) return std::unexpected(*std::move(failure));
  const auto wanted = parse_creation(request);
  if (!wanted) return std::unexpected(wanted.error());
  auto checksum = take_checksum(request);
  if (!checksum) return std::unexpected(std::move(checksum).error());
  const std::int64_t size =
      wanted->size.value_or(0);  // One that is too large anyway: see create().
  if (size <= uploads.options().size_max) {
    if (auto failure = refuse_without_room(uploads, request, size)) {
      return std::unexpected(*std::move(failure));
    }
  }
  if (const auto concat = tus_concat(request.headers.get("Upload-Concat"));
      concat && concat->part == TusPart::kFinal) {
    const std::vector<std::string>& ids = concat->ids;
    if (ids.empty() || ids.size() > kPartCountMax) {
      return std::unexpected(bad("Upload-Concat names 1 to 1000 partial uploads"));
    }
    const auto joined = uploads.join(request.principal, ids, *wanted, {});
    if (!joined) return std::unexpected(with_version(joined.error()));
    return std::make_unique<NoBody>(created(*joined));
  }
  const auto upload = uploads.create(request.principal, *wanted, {});
  if (!upload) return std::unexpected(with_version(upload.error()));
  if (request.headers.get("Content-Type") != kOffsetType) {
    return std::make_unique<NoBody>(created(*upload));
  }
  auto writer = uploads.open(request.principal, upload->id, 0, {});
  if (!writer) return std::unexpected(with_version(writer.error()));
  return std::make_unique<PieceSink>(*std::move(writer), *std::move(checksum), created(*upload),
                                     Origin::kNew);
}

Opened patch(app::Uploads& uploads, Request& request) {
  if (auto failure = refuse_version(request)) return std::unexpected(*std::move(failure));
  if (request.headers.get("Content-Type") != kOffsetType) {
    return std::unexpected(with_version(
        Failure(415, "UNSUPPORTED_MEDIA_TYPE", fmt::format("the body must be {}", kOffsetType))));
  }
  const auto offset = tus_count(request.headers.get("Upload-Offset"));
  if (!offset) return std::unexpected(bad("Upload-Offset says where the bytes belong"));
  const std::string& id = request.path_value("id");
  if (request.headers.has("Upload-Length")) {
    const auto size = tus_count(request.headers.get("Upload-Length"));
    if (!size) return std::unexpected(bad("Upload-Length is a whole number of bytes"));
    const Status set = uploads.set_size(request.principal, id, *size, {});
    if (!set) return std::unexpected(with_version(set.error()));
  }
  // What was announced counts already; a size that was not is found out as it comes.
  if (auto failure = refuse_without_room(uploads, request, 0)) {
    return std::unexpected(*std::move(failure));
  }
  auto checksum = take_checksum(request);
  if (!checksum) return std::unexpected(std::move(checksum).error());
  auto writer = uploads.open(request.principal, id, *offset, {});
  if (!writer) {
    Failure failure(writer.error());
    if (writer.error().code == ErrorCode::kOverloaded) failure.status = 423;
    return std::unexpected(with_version(std::move(failure)));
  }
  return std::make_unique<PieceSink>(*std::move(writer), *std::move(checksum), empty_response(),
                                     Origin::kKnown);
}

Answer head(app::Uploads& uploads, Request& request) {
  if (auto failure = refuse_version(request)) return std::unexpected(*std::move(failure));
  const auto upload = uploads.find(request.principal, request.path_value("id"), {});
  if (!upload) return std::unexpected(with_version(upload.error()));
  Response response = empty_response();
  response.status = 200;
  add_state(*upload, response);
  response.headers.set("Cache-Control", "no-store");
  if (upload->size) {
    response.headers.set("Upload-Length", fmt::format("{}", *upload->size));
  } else {
    response.headers.set("Upload-Defer-Length", "1");
  }
  add_notes(*upload, response);
  return response;
}

Answer terminate(app::Uploads& uploads, Request& request) {
  if (auto failure = refuse_version(request)) return std::unexpected(*std::move(failure));
  const Status removed = uploads.remove(request.principal, request.path_value("id"), {});
  if (!removed) return std::unexpected(with_version(removed.error()));
  Response response = empty_response();
  response.headers.set("Tus-Resumable", std::string(kVersion));
  return response;
}

Answer options(const app::Uploads& uploads) {
  Response response = empty_response();
  response.headers.set("Tus-Resumable", std::string(kVersion));
  response.headers.set("Tus-Version", std::string(kVersion));
  response.headers.set("Tus-Extension", std::string(kExtensions));
  response.headers.set("Tus-Max-Size", fmt::format("{}", uploads.options().size_max));
  response.headers.set("Tus-Checksum-Algorithm", "sha1,sha256");
  return response;
}

Parameter header(std::string name, std::string description, Need need = Need::kOptional) {
  return {.name = std::move(name),
          .place = Place::kHeader,
          .schema = Schema::string().described(std::move(description)),
          .need = need};
}

void add_options(RouteTable& table, const app::Uploads& uploads, const std::string& one) {
  for (const std::string& path : {std::string(kPath), one}) {
    table.add({.method = Method::kOptions,
               .path = path,
               .operation = path == kPath ? "upload_options" : "one_upload_options",
               .summary = "What of tus is spoken here",
               .tag = "uploads",
               .answers = {{.status = 204, .description = "See its Tus- headers"}},
               .handle = [&uploads](Request&) { return options(uploads); }});
  }
}

}  // namespace

void add_upload_routes(RouteTable& table, app::Uploads& uploads) {
  const std::string one = fmt::format("{}/{{id}}", kPath);
  const Parameter version = header("Tus-Resumable", "1.0.0");
  add_options(table, uploads, one);
  table.add(
      {.method = Method::kPost,
       .path = std::string(kPath),
       .operation = "create_upload",
       .summary = "A new resumable upload (tus 1.0)",
       .tag = "uploads",
       .permission = app::Permission::kTranscribe,
       .parameters = {version, header("Upload-Length", "bytes"),
                      header("Upload-Defer-Length", "1: the size will be told later"),
                      header("Upload-Metadata", "names, each with its value in base64: filename …"),
                      header("Upload-Concat", "partial, or final; and addresses of parts"),
                      header("Upload-Checksum", "sha1 or sha256 and the sum in base64")},
       .body_kind = BodyKind::kStream,
       .body_need = Need::kOptional,
       .body_size_max = 0,
       .answers = {{.status = 201, .description = "Its address is in Location"},
                   {412, "Another version of tus"},
                   {413, "Larger than Tus-Max-Size"},
                   {460, "The sum is another one; nothing was made"},
                   {507, "The disk or the quota is full"}},
       .open_body = [&uploads](Request& request) { return create(uploads, request); }});
  table.add({.method = Method::kPatch,
             .path = one,
             .operation = "continue_upload",
             .summary = "The bytes from Upload-Offset on",
             .tag = "uploads",
             .permission = app::Permission::kTranscribe,
             .parameters = {version, header("Upload-Offset", "bytes that are here already"),
                            header("Upload-Checksum", "sha1 or sha256 and the sum in base64")},
             .body_kind = BodyKind::kStream,
             .body_need = Need::kOptional,
             .body_size_max = 0,
             .answers = {{.status = 204, .description = "The new Upload-Offset"},
                         {403, "It was joined of others"},
                         {404, "There is none"},
                         {409, "It stands elsewhere"},
                         {412, "Another version of tus"},
                         {423, "Somebody else writes to it"},
                         {460, "The sum is another one"},
                         {507, "The disk or the quota is full"}},
             .open_body = [&uploads](Request& request) { return patch(uploads, request); }});
  table.add(
      {.path = one,
       .operation = "get_upload",
       .summary = "How much is here: Upload-Offset (by HEAD too)",
       .tag = "uploads",
       .permission = app::Permission::kTranscribe,
       .parameters = {version},
       .answers = {{200, "See Upload-Offset, Upload-Length, Upload-Metadata and Upload-Concat"},
                   {404, "There is none"},
                   {412, "Another version of tus"}},
       .handle = [&uploads](Request& request) { return head(uploads, request); }});
  table.add({.method = Method::kDelete,
             .path = one,
             .operation = "delete_upload",
             .summary = "Gives it up",
             .tag = "uploads",
             .permission = app::Permission::kTranscribe,
             .parameters = {version},
             .answers = {{.status = 204, .description = "It is gone"},
                         {404, "There is none"},
                         {412, "Another version of tus"}},
             .handle = [&uploads](Request& request) { return terminate(uploads, request); }});
}

}  // namespace katip::http
