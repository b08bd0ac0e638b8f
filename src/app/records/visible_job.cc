#include "app/records/visible_job.h"

#include "base/utf8.h"

/// Tested by jobs_test.cc.
namespace katip::app {

Result<store::JobRecord> visible_job(store::Connection& sql, const Principal& principal,
                                     std::string_view job_id) {
  constexpr std::size_t kIdSizeMax = 64;
  if (job_id.size() <= kIdSizeMax && is_utf8(job_id) && !job_id.contains('\0')) {
    auto job = KATIP_TRY(store::find_job_by_job_id(sql, job_id));
    if (job && principal.sees(job->submitted_by.value_or(""))) return *std::move(job);
  }
  return fail(ErrorCode::kNotFound, "there is no such job");
}

std::optional<std::string> shown_owner(const Principal& principal) {
  return principal.sees_all ? std::nullopt : std::optional(principal.owner);
}

std::optional<std::string> actor_of(const Principal& principal) {
  constexpr std::size_t kSizeMax = 200;  // Of the columns.
  const std::string& who = principal.name.empty() ? principal.owner : principal.name;
  if (who.empty()) return std::nullopt;
  return who.substr(0, cut_size(who, kSizeMax));
}

}  // namespace katip::app
