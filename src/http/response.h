#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <boost/json/fwd.hpp>

#include "http/failure.h"
#include "http/headers.h"
#include "http/request.h"

namespace katip::http {

/// A file as a body; the server sends the ranges that the client asks for.
struct FileBody {
  std::filesystem::path path;
};

struct Response {
  int status = 200;
  Headers headers = {};
  std::variant<std::string, FileBody> body = std::string();
};

/// What a handler gives. An Error is an answer too (see Failure).
using Answer = std::expected<Response, Failure>;

/// `{"success": true, "data": …, "message": …, "timestamp": …}`
Response native_response(const boost::json::value& data, std::string_view message = "OK",
                         int status = 200);
/// The value alone, as the OpenAI-compatible routes answer.
Response json_response(const boost::json::value& value, int status = 200);
Response text_response(std::string text, std::string content_type = "text/plain; charset=utf-8");
/// 204.
Response empty_response();
/// The head of a stream of server-sent events, which no proxy on the way may hold back.
Response event_stream_head();

/// The failure as the OpenAI-compatible routes write it.
boost::json::object openai_error(const Failure& failure);

/// The failure in the shape that the route and the client's Accept header ask for.
Response to_response(const Failure& failure, ErrorShape shape, const Request& request);

}  // namespace katip::http
