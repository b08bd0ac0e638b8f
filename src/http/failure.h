#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "http/headers.h"

namespace katip::http {

/// What is wrong with one field of a request.
struct FieldError {
  std::string pointer;  ///< "/name" of a body; "limit" of a query; "file" of a form.
  std::string message;  ///< For people: "must be 1 to 200 characters".
};

/// Why a request is not answered as asked. An Error becomes one by its code, so that KATIP_TRY
/// works in handlers.
struct Failure {
  int status = 500;
  std::string code = "INTERNAL";  ///< For programs: "JOB_NOT_FOUND".
  std::string message = {};       ///< For people, with what to do.
  std::vector<FieldError> fields = {};
  /// Of the OpenAI-compatible routes: the field that is wrong, and the code they have for it.
  std::string parameter = {};
  std::string openai_code = {};
  Headers headers = {};  ///< "Retry-After" and the like.

  Failure() = default;
  /// 400 for kInvalidArgument; the message of kInternal and kCorruptData is hidden (the log has
  /// it).
  Failure(const Error& error);  // NOLINT(google-explicit-constructor): for KATIP_TRY.
  Failure(int status_code, std::string code_text, std::string message_text)
      : status(status_code), code(std::move(code_text)), message(std::move(message_text)) {}

  /// 422, with one entry for each field.
  static Failure of_fields(std::vector<FieldError> fields);

  /// 400 of an OpenAI-compatible route: this field is wrong.
  static Failure of_parameter(std::string parameter, std::string message, std::string code = "");

  /// What really happened, where the client is not told: for the log.
  std::string hidden = {};
};

/// The status that a code has: 404 for kNotFound.
int status_of(ErrorCode code);
/// "Not Found".
std::string_view reason_phrase(int status);

/// In which shape a route answers errors.
enum class ErrorShape {
  kNative,  ///< {"success": false, "error": {…}}, or problem+json where the client asks for it.
  kOpenAi,  ///< {"error": {"message", "type", "param", "code"}}
};

}  // namespace katip::http
