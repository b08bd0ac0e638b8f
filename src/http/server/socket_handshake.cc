#include "http/server/socket_handshake.h"

#include <algorithm>

#include "base/trimmed.h"
#include "http/wire/socket_frame.h"

/// Tested by socket_handshake_test.cc.
namespace katip::http {
namespace {

constexpr std::string_view kKeyProtocol = "openai-insecure-api-key.";

/// Of a list separated by commas. They point into it.
std::vector<std::string_view> entries(std::string_view list) {
  std::vector<std::string_view> all;
  while (!list.empty()) all.push_back(trimmed(take_until(list, ',')));
  return all;
}

bool has_token(const std::string& list, std::string_view token) {
  return std::ranges::any_of(
      entries(list), [&](std::string_view entry) { return equals_ignoring_case(entry, token); });
}

/// Pages of this server, those that may read its answers anyway, and programs, which have none.
bool is_allowed_origin(const Request& request, const ServerOptions& options) {
  const std::string_view origin = request.headers.get("Origin");
  if (origin.empty()) return true;
  const std::size_t scheme = origin.find("://");
  if (scheme != origin.npos &&
      equals_ignoring_case(origin.substr(scheme + 3), request.headers.get("Host"))) {
    return true;
  }
  return std::ranges::any_of(options.cors_origins, [&](const std::string& allowed) {
    return allowed == "*" || allowed == origin;
  });
}

}  // namespace

std::optional<Failure> refuse_socket(const Request& request, const ServerOptions& options) {
  const bool is_handshake = has_token(request.headers.joined("Connection"), "upgrade") &&
                            has_token(request.headers.joined("Upgrade"), "websocket") &&
                            request.headers.get("Sec-WebSocket-Version") == "13" &&
                            socket_accept_key(request.headers.get("Sec-WebSocket-Key"));
  if (!is_handshake || request.method != Method::kGet) {
    Failure failure(426, "UPGRADE_REQUIRED", "this address is for WebSockets of version 13");
    failure.headers = {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}};
    return failure;
  }
  if (!is_allowed_origin(request, options)) {
    return Failure(403, "PERMISSION_DENIED",
                   "pages of this origin may not open sockets here; the setting is the list of "
                   "allowed origins");
  }
  return std::nullopt;
}

void take_socket_key(Request& request) {
  if (request.headers.has("Authorization")) return;
  const std::string offered = request.headers.joined("Sec-WebSocket-Protocol");
  for (const std::string_view entry : entries(offered)) {
    if (!entry.starts_with(kKeyProtocol)) continue;
    request.headers.set("Authorization",
                        "Bearer " + std::string(entry.substr(kKeyProtocol.size())));
    return;
  }
}

Response socket_welcome(const Request& request, const std::vector<std::string>& protocols) {
  Response response{.status = 101,
                    .headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}};
  response.headers.set("Sec-WebSocket-Accept",
                       socket_accept_key(request.headers.get("Sec-WebSocket-Key")).value_or(""));
  const std::string offered = request.headers.joined("Sec-WebSocket-Protocol");
  for (const std::string_view entry : entries(offered)) {
    if (std::ranges::find(protocols, entry) == protocols.end()) continue;
    response.headers.set("Sec-WebSocket-Protocol", std::string(entry));
    break;
  }
  return response;
}

}  // namespace katip::http
