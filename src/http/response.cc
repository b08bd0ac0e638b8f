#include "http/response.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "http/json_text.h"
#include "http/problems.h"
#include "http/wire/conditions.h"

/// Tested by response_test.cc.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr const char* kJsonType = "application/json";

/// With milliseconds: "2026-03-01T12:00:00.123Z".
std::string timestamp() {
  const auto now = system_clock().calendar();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  std::string text = utc_timestamp(now);
  text.pop_back();
  return fmt::format("{}.{:03}Z", text, ms.count() % 1'000);
}

json::array details_of(const Failure& failure) {
  json::array details;
  for (const FieldError& field : failure.fields) {
    details.push_back({{"field", field.pointer}, {"message", field.message}});
  }
  return details;
}

json::object native_error(const Failure& failure) {
  json::object error{{"code", failure.code}, {"message", failure.message}};
  error["details"] =
      failure.fields.empty() ? json::value(nullptr) : json::value(details_of(failure));
  return {{"success", false}, {"error", std::move(error)}, {"timestamp", timestamp()}};
}

/// RFC 9457.
json::object problem(const Failure& failure, const Request& request) {
  json::object body{{"type", problem_type(failure.code)}, {"title", reason_phrase(failure.status)},
                    {"status", failure.status},           {"detail", failure.message},
                    {"instance", request.path},           {"code", failure.code},
                    {"request_id", request.request_id}};
  if (!failure.fields.empty()) {
    json::array errors;
    for (const FieldError& field : failure.fields) {
      errors.push_back({{"pointer", field.pointer}, {"detail", field.message}});
    }
    body["errors"] = std::move(errors);
  }
  return body;
}

std::string_view openai_type(int status) {
  if (status == 401) return "authentication_error";
  if (status == 403) return "permission_error";
  if (status == 404) return "not_found_error";
  if (status == 429) return "rate_limit_error";
  return status >= 500 || status == 413 ? "server_error" : "invalid_request_error";
}

bool wants_problem(const Request& request) {
  return request.headers.get("Accept").contains("application/problem+json");
}

}  // namespace

Response native_response(const json::value& data, std::string_view message, int status) {
  // The tag is that of the data: the time of the answer is no change.
  const std::string text = json_text(data);
  Response response{
      .status = status,
      .headers = {{"Content-Type", kJsonType}},
      .body = fmt::format(R"({{"success":true,"data":{},"message":{},"timestamp":"{}"}})", text,
                          json_text(json::value(message)), timestamp())};
  if (status == 200) response.headers.set("ETag", entity_tag(text));
  return response;
}

Response json_response(const json::value& value, int status) {
  return {.status = status, .headers = {{"Content-Type", kJsonType}}, .body = json_text(value)};
}

Response text_response(std::string text, std::string content_type) {
  return {.status = 200,
          .headers = {{"Content-Type", std::move(content_type)}},
          .body = std::move(text)};
}

Response empty_response() { return {.status = 204, .headers = {}, .body = std::string()}; }

Response event_stream_head() {
  Response head = text_response("", "text/event-stream; charset=utf-8");
  head.headers.set("Cache-Control", "no-cache");
  head.headers.set("X-Accel-Buffering", "no");
  return head;
}

json::object openai_error(const Failure& failure) {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
  };
  return {{"error",
           {{"message", failure.message},
            {"type", openai_type(failure.status)},
            {"param", text_or_null(failure.parameter)},
            {"code", text_or_null(failure.openai_code)}}}};
}

Response to_response(const Failure& failure, ErrorShape shape, const Request& request) {
  // Their API has no 422: a field that does not fit is a 400 there.
  const bool is_theirs = shape == ErrorShape::kOpenAi && failure.status == 422;
  Response response{.status = is_theirs ? 400 : failure.status,
                    .headers = failure.headers,
                    .body = std::string()};
  const bool is_problem = shape == ErrorShape::kNative && wants_problem(request);
  response.headers.set("Content-Type", is_problem ? "application/problem+json" : kJsonType);
  if (shape == ErrorShape::kOpenAi) {
    // The official clients send some requests again by themselves: not where it cannot help.
    if (failure.status == 409 || failure.status == 500 || failure.status == 507) {
      response.headers.set("x-should-retry", "false");
    }
    response.body = json_text(openai_error(failure));
  } else {
    response.body = json_text(is_problem ? problem(failure, request) : native_error(failure));
  }
  return response;
}

}  // namespace katip::http
