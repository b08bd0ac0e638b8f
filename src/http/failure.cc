#include "http/failure.h"

#include <algorithm>
#include <array>
#include <utility>

/// Tested by response_test.cc.
namespace katip::http {
namespace {

constexpr std::pair<int, std::string_view> kReasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {460, "Checksum Mismatch"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

}  // namespace

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kTooLarge:
      return 413;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kOverloaded:
      return 429;
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kTimeout:
      return 504;
    case ErrorCode::kCancelled:
      return 499;
    case ErrorCode::kCorruptData:
    case ErrorCode::kInternal:
      break;
  }
  return 500;
}

std::string_view reason_phrase(int status) {
  const auto* found = std::ranges::find(kReasons, status, &std::pair<int, std::string_view>::first);
  return found == std::end(kReasons) ? "Unknown" : found->second;
}

Failure::Failure(const Error& error)
    : status(status_of(error.code)), code(name(error.code)), message(error.message) {
  if (status == 500) {
    code = "INTERNAL";
    hidden =
        std::exchange(message, "something went wrong here; the log has it under the request id");
  }
  // Where the database is, is nobody's business but the operator's.
  if (message.contains("postgresql://") || message.contains("sqlite://")) {
    hidden = std::exchange(message, "the database is away or busy; please try again");
  }
  if (message.contains("the S3 server")) {
    hidden = std::exchange(message, "the store of recordings is away or busy; please try again");
  }
  if (status == 401) headers.set("WWW-Authenticate", "Bearer");
  if (status == 429 || status == 503 || status == 504) headers.set("Retry-After", "2");
}

Failure Failure::of_parameter(std::string parameter, std::string message, std::string code) {
  Failure failure(400, "INVALID_ARGUMENT", std::move(message));
  failure.parameter = std::move(parameter);
  failure.openai_code = std::move(code);
  return failure;
}

Failure Failure::of_fields(std::vector<FieldError> fields) {
  Failure failure(422, "VALIDATION_FAILED", "the request has fields that do not fit");
  if (!fields.empty()) {
    failure.message = fields.front().pointer + ": " + fields.front().message;
    failure.parameter = fields.front().pointer;
  }
  failure.fields = std::move(fields);
  return failure;
}

}  // namespace katip::http
