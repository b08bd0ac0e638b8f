#include "http/routes/web.h"

#include <fmt/format.h>

#include "http/wire/conditions.h"

/// Tested by web_test.cc and tests/e2e/test_web.py.
namespace katip::http {
namespace {

constexpr std::string_view kShell = "/index.html";

/// Scripts, styles, fonts and requests from this server alone, nothing inline; no page may frame
/// ours. Recordings play from the server, from the bucket when browsers are sent there, and, before
/// they are sent, from memory.
std::string content_policy(const std::string& media_origin) {
  return fmt::format(
      "default-src 'self'; media-src 'self' blob:{}{}; object-src 'none'; base-uri 'none'; "
      "form-action 'self'; frame-ancestors 'none'",
      media_origin.empty() ? "" : " ", media_origin);
}

const WebFile* find_file(const WebApp& app, std::string_view path) {
  for (const WebFile& file : app.files) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

std::string text_of(std::span<const char> bytes) { return {bytes.data(), bytes.size()}; }

Response file_response(const WebFile& file, const Request& request) {
  const bool is_packed =
      !file.gzip.empty() && accepts_coding(request.headers.get("Accept-Encoding"), "gzip");
  Response response =
      text_response(text_of(is_packed ? file.gzip : file.bytes), std::string(file.media_type));
  // The packed bytes are other bytes of the same content: a weak tag, as the server gives it too.
  response.headers.set("ETag", fmt::format("{}{}", is_packed ? "W/" : "", file.tag));
  if (is_packed) response.headers.set("Content-Encoding", "gzip");
  if (!file.gzip.empty()) response.headers.set("Vary", "Accept-Encoding");
  return response;
}

Answer shell(const WebFile& file, const std::string& policy, const Request& request) {
  Response response = file_response(file, request);
  Headers& headers = response.headers;
  headers.set("Content-Security-Policy", policy);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()");
  headers.set("Referrer-Policy", "same-origin");
  headers.set("X-Frame-Options", "DENY");
  headers.set("Cache-Control", "no-cache");  // Kept, but asked about each time.
  return response;
}

Answer asset(const WebApp& app, const Request& request) {
  const WebFile* file = find_file(app, "/assets/" + request.path_value("name"));
  if (file == nullptr) {
    return std::unexpected(Failure(404, "NOT_FOUND", "there is no such file; load the page anew"));
  }
  Response response = file_response(*file, request);
  response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
  return response;
}

}  // namespace

void add_web_routes(RouteTable& table, const WebApp& app) {
  const WebFile* index = find_file(app, kShell);
  if (index == nullptr) return;
  const std::string policy = content_policy(app.media_origin);
  for (const WebPage& page : app.pages) {
    table.add(
        {.path = std::string(page.path),
         .operation = fmt::format("page_{}", page.name),
         .summary = "A page of the web app",
         .tag = "web",
         .answers = {{.status = 200, .description = "A page", .media_type = "text/html"}},
         .is_page = true,
         .is_immediate = true,
         .handle = [index, policy](Request& request) { return shell(*index, policy, request); }});
  }
  table.add({.path = "/assets/{name...}",
             .operation = "web_asset",
             .summary = "A file of the web app, which never changes",
             .tag = "web",
             .answers = {{.status = 200, .description = "The file", .media_type = "*/*"},
                         {404, "There is none"}},
             .is_page = true,
             .is_immediate = true,
             .handle = [app](Request& request) { return asset(app, request); }});
}

}  // namespace katip::http
