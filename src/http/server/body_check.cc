#include "http/server/body_check.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "http/server/form_sink.h"

/// Tested by server_test.cc.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr std::size_t kJsonDepthMax = 64;

bool has_media_type(const Request& request, std::string_view wanted) {
  const std::string_view type = request.headers.get("Content-Type");
  return equals_ignoring_case(trimmed(type.substr(0, std::min(type.find(';'), type.size()))),
                              wanted);
}

Status parse_json(Request& request) {
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  boost::system::error_code error;
  json::value value = json::parse(request.body, error, {}, options);
  if (error) return fail(ErrorCode::kInvalidArgument, "the body is no JSON: " + error.message());
  request.json = std::make_shared<const json::value>(std::move(value));
  return {};
}

}  // namespace

BodyKind body_kind_of(const Route& route, const Request& request) {
  if (route.body_kind != BodyKind::kFormOrJson) return route.body_kind;
  return has_media_type(request, "application/json") ? BodyKind::kJson : BodyKind::kForm;
}

std::int64_t size_besides_file(BodyKind kind) {
  return kind == BodyKind::kForm ? FormSink::kSizeBesidesFile : 0;
}

std::optional<Failure> refuse_without_room(const Request& request, const ServerOptions& options) {
  if (options.free_size_min == 0) return std::nullopt;
  std::error_code error;
  const auto space = std::filesystem::space(options.temporary_dir, error);
  if (error) return std::nullopt;  // Writing will say it.
  const std::string_view length = request.headers.get("Content-Length");
  std::int64_t wanted = 0;
  std::from_chars(length.data(), length.data() + length.size(), wanted);
  const bool is_enough =
      static_cast<std::int64_t>(space.available) - wanted >= options.free_size_min;
  if (is_enough || wanted > options.upload_size_max) return std::nullopt;  // 413 says more.
  return Failure(507, "INSUFFICIENT_STORAGE",
                 fmt::format("the disk has {} MB left, of which {} MB stay free "
                             "(uploads.free_mb_min): delete recordings, or ask the operator for "
                             "room",
                             space.available >> 20, options.free_size_min >> 20));
}

std::optional<Failure> refuse_body(const Route& route, const Request& request,
                                   const MessageParser& parser, std::int64_t size_max) {
  const BodyKind kind = body_kind_of(route, request);
  if (parser.body_size().value_or(0) > size_max + size_besides_file(kind)) {
    return Failure(413, "TOO_LARGE",
                   fmt::format("Maximum content size limit ({}) exceeded ({} bytes announced)",
                               size_max, *parser.body_size()));
  }
  if (kind == BodyKind::kJson && parser.has_body() &&
      !has_media_type(request, "application/json")) {
    return Failure(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be application/json");
  }
  if (kind == BodyKind::kForm && !has_media_type(request, "multipart/form-data")) {
    return Failure(415, "UNSUPPORTED_MEDIA_TYPE",
                   route.json_body ? "the body must be multipart/form-data or application/json"
                                   : "the body must be multipart/form-data");
  }
  return std::nullopt;
}

std::optional<Failure> check_body(const Route& route, Request& request) {
  const BodyKind kind = body_kind_of(route, request);
  std::vector<FieldError> errors;
  if (kind == BodyKind::kForm) errors = check_form(route, request);
  if (kind == BodyKind::kJson) {
    if (request.body.empty() && route.body_need == Need::kOptional) request.body = "{}";
    if (const Status status = parse_json(request); !status) return Failure(status.error());
    const std::optional<Schema>& schema = route.json_body ? route.json_body : route.body;
    if (schema) schema->check(*request.json, "", errors);
  }
  return errors.empty() ? std::nullopt : std::optional(Failure::of_fields(std::move(errors)));
}

}  // namespace katip::http
