#include "store/finished_tasks.h"

#include "store/queries.h"
#include "store/row_fields.h"

/// Tested by conformance/finished_tasks_test.cc.
namespace katip::store {

namespace {

Result<std::vector<FinishedTaskFigures>> read(const Rows& rows) {
  std::vector<FinishedTaskFigures> tasks;
  for (const Row row : rows) {
    tasks.push_back({.id = KATIP_TRY(row.get<std::string>("id")),
                     .kind = KATIP_TRY(row.get<std::string>("kind")),
                     .queue = KATIP_TRY(row.get<std::string>("queue")),
                     .state = KATIP_TRY(row.get<std::string>("state")),
                     .attempt = KATIP_TRY(int_of(row, "attempt")),
                     .run_at = KATIP_TRY(time_of(row, "run_at")),
                     .claimed_at = KATIP_TRY(optional_time_of(row, "claimed_at")),
                     .finished_at = KATIP_TRY(time_of(row, "finished_at"))});
  }
  return tasks;
}

}  // namespace

Result<std::vector<FinishedTaskFigures>> finished_tasks(Connection& sql,
                                                        const HistoryPosition& after,
                                                        int count_max) {
  return read(KATIP_TRY(sql.query(Queries::of(sql.dialect()).get("list_finished_tasks"),
                                  {to_text(after.finished_at), after.id, count_max})));
}

Result<std::vector<FinishedTaskFigures>> latest_finished_tasks(Connection& sql, Timestamp since,
                                                               int count_max) {
  return read(KATIP_TRY(sql.query(Queries::of(sql.dialect()).get("list_latest_finished_tasks"),
                                  {to_text(since), count_max})));
}

}  // namespace katip::store
