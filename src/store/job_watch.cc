#include "store/job_watch.h"

#include <boost/json.hpp>

#include "store/queries.h"
#include "store/row_fields.h"

/// Tested by conformance/job_watch_test.cc.
namespace katip::store {

Result<std::vector<WatchedJob>> watch_jobs(Connection& sql, std::span<const std::string> ids) {
  const boost::json::array list(ids.begin(), ids.end());
  const Rows rows = KATIP_TRY(
      sql.query(Queries::of(sql.dialect()).get("watch_jobs"), {boost::json::serialize(list)}));
  std::vector<WatchedJob> jobs;
  for (const Row& row : rows) {
    const auto status = parse_job_status(KATIP_TRY(row.get<std::string>("status")));
    if (!status) return fail(ErrorCode::kCorruptData, "a job has a status that is none");
    jobs.push_back(
        {.id = KATIP_TRY(row.get<std::string>("id")),
         .status = *status,
         .progress = KATIP_TRY(row.get<double>("progress")),
         .error_code = KATIP_TRY(row.get<std::optional<std::string>>("error_code")).value_or(""),
         .error_message =
             KATIP_TRY(row.get<std::optional<std::string>>("error_message")).value_or("")});
  }
  return jobs;
}

Result<std::vector<WatchedCheckpoint>> watch_checkpoints(Connection& sql,
                                                         std::span<const WatchedPosition> from) {
  boost::json::array list;
  for (const WatchedPosition& position : from) {
    list.push_back({{"id", position.id}, {"position", position.position}});
  }
  const Rows rows = KATIP_TRY(sql.query(Queries::of(sql.dialect()).get("watch_checkpoints"),
                                        {boost::json::serialize(list)}));
  std::vector<WatchedCheckpoint> checkpoints;
  for (const Row& row : rows) {
    checkpoints.push_back({.job_id = KATIP_TRY(row.get<std::string>("job_id")),
                           .position = KATIP_TRY(int_of(row, "position")),
                           .data = KATIP_TRY(row.get<std::string>("data"))});
  }
  return checkpoints;
}

}  // namespace katip::store
