#include "app/recording.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

/// Tested by recording_test.cc, transcriptions_test.cc and tests/e2e/test_jobs_api.py.
namespace katip::app {

std::optional<std::chrono::seconds> keep_for_days(double days) {
  constexpr double kDay_s = 86'400;
  if (!(days > 0)) return std::nullopt;
  const double seconds = std::min(days, kKeepDaysMax) * kDay_s;
  // What is to go at once still has to come first.
  return std::chrono::seconds(std::max(1LL, std::llround(seconds)));
}

Status check_priority(const Principal& principal, std::optional<int> priority) {
  if (!priority || *priority <= kPriorityForAll || principal.may(Permission::kOperate)) return {};
  return fail(ErrorCode::kPermissionDenied,
              fmt::format("a priority above {} needs the scope `operate`: ask for 0 to {}",
                          kPriorityForAll, kPriorityForAll));
}

Submission submission_of(const Principal& principal, const Recording& recording) {
  Submission submission{
      .name = recording.name,
      .args = recording.args,
      .tenant = principal.owner,
      .priority = recording.priority ? recording.priority : principal.priority_default,
      .bytes = Bytes::kMove,
      .keep_for = recording.keep_for,
      .tags = recording.tags};
  if (!recording.request_id.empty()) submission.request_id = recording.request_id;
  if (principal.kind == PrincipalKind::kApiKey) submission.api_key_id = principal.id;
  if (!principal.owner.empty()) submission.submitted_by = principal.owner;
  if (!recording.media_type.empty()) submission.media_type = recording.media_type;
  if (!recording.sha256.empty()) submission.media_sha256 = recording.sha256;
  return submission;
}

}  // namespace katip::app
