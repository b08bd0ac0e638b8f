#pragma once

#include <cstdint>
#include <optional>

#include "http/route.h"
#include "http/server.h"
#include "http/server/message_parser.h"

namespace katip::http {

/// How the body of this request is read: never kFormOrJson.
BodyKind body_kind_of(const Route& route, const Request& request);

/// Bytes that a body may have besides the file that it brings: a form has fields.
std::int64_t size_besides_file(BodyKind kind);

/// What the head of a request says about its body, against what the route takes. `size_max`: bytes
/// of the file where the body is a form, else of the body.
std::optional<Failure> refuse_body(const Route& route, const Request& request,
                                   const MessageParser& parser, std::int64_t size_max);

/// 507 when the disk would not stay as free as the options say.
std::optional<Failure> refuse_without_room(const Request& request, const ServerOptions& options);

/// What the body says, against what the route declares; fills Request::json.
std::optional<Failure> check_body(const Route& route, Request& request);

}  // namespace katip::http
