#include "http/server/finished_response.h"

#include <algorithm>
#include <limits>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/clock.h"
#include "http/wire/conditions.h"

/// Tested by finished_response_test.cc.
namespace katip::http {
namespace {

constexpr std::size_t kSizeWorthCompressing = 1'024;
constexpr std::size_t kSizeTooLargeToCompress = 64 << 20;

bool is_text(std::string_view type) {
  return type.starts_with("text/") || type.starts_with("application/json") ||
         type.starts_with("application/problem+json") ||
         type.starts_with("application/javascript") || type.starts_with("image/svg+xml");
}

void add_cors(const Request& request, const ServerOptions& options, Headers& headers) {
  const std::string_view origin = request.headers.get("Origin");
  if (origin.empty() || options.cors_origins.empty()) return;
  const bool is_any = std::ranges::find(options.cors_origins, "*") != options.cors_origins.end();
  if (!is_any && std::ranges::find(options.cors_origins, origin) == options.cors_origins.end()) {
    return;
  }
  headers.set("Access-Control-Allow-Origin", is_any ? "*" : std::string(origin));
  if (!is_any) {
    headers.set("Access-Control-Allow-Credentials", "true");
    headers.add("Vary", "Origin");
  }
  headers.set("Access-Control-Expose-Headers",
              "X-Request-Id, ETag, Location, Link, Retry-After, RateLimit, RateLimit-Policy, "
              "Content-Disposition, Content-Range, Tus-Resumable, Tus-Version, Tus-Extension, "
              "Tus-Max-Size, Upload-Offset, Upload-Length, Upload-Expires");
}

void add_common(const Request& request, const Headers& extra, const ServerOptions& options,
                Headers& headers) {
  for (const auto& [name, value] : extra) headers.set(name, value);
  headers.set("X-Request-Id", request.request_id);
  headers.set("Date", http_date(system_clock().calendar()));
  headers.set("X-Content-Type-Options", "nosniff");
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  add_cors(request, options, headers);
}

/// Whether the client has it already: what it asked for is then not sent.
bool answer_not_modified(const Request& request, FinishedResponse& response) {
  if (request.method != Method::kGet && request.method != Method::kHead) return false;
  const std::string_view known = request.headers.get("If-None-Match");
  if (response.status != 200 || known.empty() || !response.headers.has("ETag")) return false;
  if (!names_tag(known, response.headers.get("ETag"), Comparison::kWeak)) return false;
  response.status = 304;
  response.body.clear();
  response.headers.remove("Content-Type");
  return true;
}

void compress(const Request& request, FinishedResponse& response) {
  if (!is_text(response.headers.get("Content-Type")) ||
      response.body.size() < kSizeWorthCompressing ||
      response.body.size() > kSizeTooLargeToCompress || response.headers.has("Content-Encoding")) {
    return;
  }
  response.headers.add("Vary", "Accept-Encoding");
  if (!accepts_coding(request.headers.get("Accept-Encoding"), "gzip")) return;
  response.body = gzipped(response.body);
  response.headers.set("Content-Encoding", "gzip");
  if (const std::string tag(response.headers.get("ETag")); !tag.empty() && !tag.starts_with("W/")) {
    response.headers.set("ETag", "W/" + tag);  // The same content in other bytes.
  }
}

/// Errors: those of opening the file.
Status open_file(const FileBody& body, const Request& request, FinishedResponse& response) {
  response.file = ::open(body.path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (response.file < 0 || ::fstat(response.file, &status) != 0) {
    return std::unexpected(file_error("read", body.path.filename(), errno));
  }
  response.headers.set("Accept-Ranges", "bytes");
  if (!response.headers.has("ETag")) {
    response.headers.set(
        "ETag", fmt::format("\"{:x}-{:x}\"", status.st_size,
                            status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec));
  }
  response.size = status.st_size;
  const std::string_view condition = request.headers.get("If-Range");
  if (!condition.empty() &&
      !names_tag(condition, response.headers.get("ETag"), Comparison::kStrong)) {
    return {};
  }
  const RangeChoice choice = choose_range(request.headers.get("Range"), status.st_size);
  const std::string_view known = request.headers.get("If-None-Match");
  const bool is_known =
      !known.empty() && names_tag(known, response.headers.get("ETag"), Comparison::kWeak);
  if (response.status != 200 || request.method != Method::kGet || is_known ||
      choice.kind == RangeKind::kWhole) {
    return {};
  }
  if (choice.kind == RangeKind::kNotSatisfiable) {
    response.status = 416;
    response.size = 0;
    response.headers.set("Content-Range", fmt::format("bytes */{}", status.st_size));
    return {};
  }
  response.status = 206;
  response.offset = choice.range.offset;
  response.size = choice.range.size;
  response.headers.set("Content-Range",
                       fmt::format("bytes {}-{}/{}", response.offset,
                                   response.offset + response.size - 1, status.st_size));
  return {};
}

void close_file(FinishedResponse& response) {
  if (response.file >= 0) ::close(response.file);
  response.file = -1;
}

/// A value cannot begin a field of its own, whatever somebody put into it.
void append_value(std::string& text, std::string_view value) {
  for (const char letter : value) {
    const auto byte = static_cast<unsigned char>(letter);
    text += byte < 0x20 && letter != '\t' ? ' ' : letter;
  }
}

}  // namespace

FinishedResponse finish(Answer answer, const Request& request, const Route* route,
                        const Headers& extra, const ServerOptions& options) {
  const ErrorShape shape =
      route != nullptr
          ? route->errors
          : (request.path.starts_with("/v1/") ? ErrorShape::kOpenAi : ErrorShape::kNative);
  FinishedResponse finished;
  if (!answer) {
    finished.problem = answer.error().hidden;
    answer = to_response(answer.error(), shape, request);
  }
  finished.status = answer->status;
  finished.headers = std::move(answer->headers);
  if (const auto* file = std::get_if<FileBody>(&answer->body)) {
    if (const Status opened = open_file(*file, request, finished); !opened) {
      close_file(finished);
      return finish(std::unexpected(Failure(opened.error())), request, route, extra, options);
    }
    if (answer_not_modified(request, finished)) close_file(finished);
  } else {
    finished.body = std::move(std::get<std::string>(answer->body));
    const bool is_get = request.method == Method::kGet || request.method == Method::kHead;
    if (is_get && finished.status == 200 && !finished.headers.has("ETag") &&
        finished.body.size() <= kSizeTooLargeToCompress) {
      finished.headers.set("ETag", entity_tag(finished.body));
    }
    if (!answer_not_modified(request, finished)) compress(request, finished);
  }
  add_common(request, extra, options, finished.headers);
  return finished;
}

FinishedResponse finish_head(Response head, const Request& request, const Headers& extra,
                             const ServerOptions& options) {
  FinishedResponse finished;
  finished.status = head.status;
  finished.headers = std::move(head.headers);
  add_common(request, extra, options, finished.headers);
  return finished;
}

bool is_preflight(const Request& request) {
  return request.method == Method::kOptions && request.headers.has("Origin") &&
         request.headers.has("Access-Control-Request-Method");
}

Response preflight_response(const Request& request, const std::vector<Method>& allowed) {
  Response response = empty_response();
  std::string methods;
  for (const Method method : allowed) {
    methods += methods.empty() ? "" : ", ";
    methods += name(method);
  }
  response.headers.set("Access-Control-Allow-Methods", methods);
  if (request.headers.has("Access-Control-Request-Headers")) {
    response.headers.set("Access-Control-Allow-Headers",
                         std::string(request.headers.get("Access-Control-Request-Headers")));
  }
  response.headers.set("Access-Control-Max-Age", "600");
  return response;
}

std::string head_text(const FinishedResponse& response, const Headers& connection_fields) {
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  const auto append = [&text](const Headers& fields) {
    for (const auto& [name, value] : fields) {
      text += name;
      text += ": ";
      append_value(text, value);
      text += "\r\n";
    }
  };
  append(response.headers);
  append(connection_fields);
  text += "\r\n";
  return text;
}

}  // namespace katip::http
