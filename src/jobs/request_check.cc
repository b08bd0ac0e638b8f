#include "jobs/request_check.h"

#include <boost/json.hpp>
#include <fmt/format.h>

/// Tested by queue_test.cc.
namespace katip::jobs {
namespace {

constexpr std::size_t kArgsSizeMax = 64 * 1024;

bool is_kind_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

Status check_text(std::string_view what, std::string_view text, std::size_t size_max) {
  if (text.size() > size_max) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} has {} bytes; at most {} are allowed",
                                                         what, text.size(), size_max));
  }
  return {};
}

Status check_args(const std::string& args) {
  KATIP_TRY(check_text("args", args, kArgsSizeMax));
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(args, error);
  if (error || !value.is_object()) {
    return fail(ErrorCode::kInvalidArgument, "args is no JSON object");
  }
  return {};
}

}  // namespace

Status check_request(const TaskRequest& request) {
  if (request.kind.empty() || request.kind.size() > 128 ||
      !std::ranges::all_of(request.kind, is_kind_letter)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("`{}` is no kind of task; it is 1 to 128 of a-z, 0-9, _, - and .",
                            request.kind.substr(0, 128)));
  }
  if (request.queue && !priority_of_queue(*request.queue)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("`{}` is no queue; there are critical, high, default and low",
                            request.queue->substr(0, 128)));
  }
  if (request.priority.value_or(0) < 0 || request.priority.value_or(0) > 10) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("priority {} is not in 0 to 10", *request.priority));
  }
  if (request.attempt_count_max < 1 || request.attempt_count_max > 100) {
    return fail(ErrorCode::kInvalidArgument, "attempts must be 1 to 100");
  }
  if (request.timeout_s && (*request.timeout_s < 1 || *request.timeout_s > 7 * 24 * 3'600)) {
    return fail(ErrorCode::kInvalidArgument, "a time-out must be 1 second to 7 days");
  }
  if (request.unique_key && request.unique_key->empty()) {
    return fail(ErrorCode::kInvalidArgument, "a unique key must not be empty");
  }
  KATIP_TRY(check_text("tenant", request.tenant, 128));
  KATIP_TRY(check_text("unique key", request.unique_key.value_or(""), 256));
  KATIP_TRY(check_text("request id", request.request_id.value_or(""), 256));
  return check_args(request.args);
}

}  // namespace katip::jobs
