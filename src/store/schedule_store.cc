#include "store/schedule_store.h"

#include <boost/json.hpp>

#include "store/queries.h"
#include "store/row_fields.h"

/// Tested by jobs/scheduler_test.cc on both databases.
namespace katip::store {
namespace {

Result<ScheduleRecord> to_record(const Row& row) {
  ScheduleRecord schedule;
  schedule.name = KATIP_TRY(row.get<std::string>("name"));
  schedule.cron = KATIP_TRY(row.get<std::string>("cron"));
  schedule.time_zone = KATIP_TRY(row.get<std::string>("time_zone"));
  schedule.kind = KATIP_TRY(row.get<std::string>("kind"));
  schedule.args = KATIP_TRY(row.get<std::string>("args"));
  schedule.is_active = KATIP_TRY(row.get<bool>("is_active"));
  schedule.missed = KATIP_TRY(row.get<std::string>("missed"));
  schedule.last_slot_at = KATIP_TRY(optional_time_of(row, "last_slot_at"));
  schedule.origin = KATIP_TRY(row.get<std::string>("origin"));
  schedule.is_paused = KATIP_TRY(row.get<bool>("is_paused"));
  return schedule;
}

}  // namespace

Result<Rows> ScheduleStore::run(std::string_view name, std::initializer_list<Value> parameters) {
  return sql_.query(Queries::of(sql_.dialect()).get(name), parameters);
}

Status ScheduleStore::put(const ScheduleRecord& schedule, Timestamp now) {
  KATIP_TRY(
      run("put_schedule", {schedule.name, schedule.cron, schedule.time_zone, schedule.kind,
                           schedule.args, schedule.is_active, schedule.missed, to_text(now)}));
  return {};
}

Result<std::vector<ScheduleRecord>> ScheduleStore::list() {
  const Rows rows = KATIP_TRY(run("list_schedules"));
  std::vector<ScheduleRecord> schedules;
  for (const Row row : rows) {
    schedules.push_back(KATIP_TRY(to_record(row)));
  }
  return schedules;
}

Result<bool> ScheduleStore::put_added(const ScheduleRecord& schedule, Timestamp now) {
  return !KATIP_TRY(run("put_added_schedule",
                        {schedule.name, schedule.cron, schedule.time_zone, schedule.kind,
                         schedule.args, schedule.missed, to_text(now)}))
              .empty();
}

Result<bool> ScheduleStore::set_paused(const std::string& name, bool is_paused, Timestamp now) {
  return !KATIP_TRY(run("set_schedule_paused", {name, is_paused, to_text(now)})).empty();
}

Result<bool> ScheduleStore::remove_added(const std::string& name) {
  return !KATIP_TRY(run("delete_added_schedule", {name})).empty();
}

Result<bool> ScheduleStore::fire(const std::string& name, Timestamp slot,
                                 const std::string& task_id) {
  return !KATIP_TRY(run("fire_schedule", {name, to_text(slot), task_id})).empty();
}

Result<std::vector<std::string>> ScheduleStore::deactivate_others(
    const std::vector<std::string>& names, Timestamp now) {
  const std::string list = boost::json::serialize(boost::json::value_from(names));
  const Rows rows = KATIP_TRY(run("deactivate_other_schedules", {list, to_text(now)}));
  std::vector<std::string> ended;
  for (const Row row : rows) {
    ended.push_back(KATIP_TRY(row.get<std::string>("name")));
  }
  return ended;
}

}  // namespace katip::store
