#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/response.h"
#include "http/route.h"
#include "http/server.h"

/// The first request of a WebSocket.
///
/// Source: RFC 6455, section 4.2.
namespace katip::http {

/// Why it does not become one: 426 for what is no handshake, 403 for a page of another origin.
std::optional<Failure> refuse_socket(const Request& request, const ServerOptions& options);

/// Browsers can say who they are only in the list of protocols, as
/// `openai-insecure-api-key.<key>`: that becomes an Authorization like every other.
void take_socket_key(Request& request);

/// 101, with the first protocol of the client's that is one of these.
Response socket_welcome(const Request& request, const std::vector<std::string>& protocols);

}  // namespace katip::http
