#include "store/worker_store.h"

#include "store/queries.h"
#include "store/row_fields.h"

/// Tested by jobs/worker_test.cc and jobs/caretaker_test.cc on both databases.
namespace katip::store {
namespace {

Result<SlotBounds> bounds_of(const Row& row) {
  SlotBounds bounds;
  bounds.slot_count_min = KATIP_TRY(int_of(row, "slot_count_min"));
  bounds.slot_count_max = KATIP_TRY(int_of(row, "slot_count_max"));
  return bounds;
}

Result<WorkerRecord> to_record(const Row& row) {
  WorkerRecord worker;
  worker.id = KATIP_TRY(row.get<std::string>("id"));
  worker.name = KATIP_TRY(row.get<std::string>("name"));
  worker.host = KATIP_TRY(row.get<std::string>("host"));
  worker.pid = KATIP_TRY(int_of(row, "pid"));
  worker.worker_kind = KATIP_TRY(row.get<std::string>("worker_kind"));
  worker.state = KATIP_TRY(row.get<std::string>("state"));
  worker.version = KATIP_TRY(row.get<std::string>("version"));
  worker.figures.slot_count = KATIP_TRY(int_of(row, "slot_count"));
  worker.figures.busy_count = KATIP_TRY(int_of(row, "busy_count"));
  worker.figures.finished_count = KATIP_TRY(row.get<std::int64_t>("finished_count"));
  worker.figures.failed_count = KATIP_TRY(row.get<std::int64_t>("failed_count"));
  worker.figures.memory_bytes = KATIP_TRY(row.get<std::int64_t>("memory_bytes"));
  worker.figures.bounds = KATIP_TRY(bounds_of(row));
  worker.critical_slot_count = KATIP_TRY(int_of(row, "critical_slot_count"));
  worker.started_at = KATIP_TRY(time_of(row, "started_at"));
  worker.seen_at = KATIP_TRY(time_of(row, "seen_at"));
  worker.ended_at = KATIP_TRY(optional_time_of(row, "ended_at"));
  worker.end_reason = KATIP_TRY(row.get<std::optional<std::string>>("end_reason"));
  return worker;
}

}  // namespace

Result<Rows> WorkerStore::run(std::string_view name, std::initializer_list<Value> parameters) {
  return sql_.query(Queries::of(sql_.dialect()).get(name), parameters);
}

Status WorkerStore::insert(const NewWorker& worker, Timestamp now) {
  KATIP_TRY(run("insert_worker", {worker.id, worker.name, worker.host, worker.pid,
                                  worker.worker_kind, worker.lease_ms, worker.slot_count,
                                  worker.version, to_text(now), worker.bounds.slot_count_min,
                                  worker.bounds.slot_count_max, worker.critical_slot_count}));
  return {};
}

Result<std::optional<Renewal>> WorkerStore::renew(const std::string& id,
                                                  const WorkerFigures& figures, Timestamp now) {
  const Rows rows = KATIP_TRY(
      run("renew_worker", {id, to_text(now), figures.slot_count, figures.busy_count,
                           figures.finished_count, figures.failed_count, figures.memory_bytes,
                           figures.bounds.slot_count_min, figures.bounds.slot_count_max}));
  if (rows.empty()) {
    return std::optional<Renewal>();
  }
  Renewal renewal;
  renewal.is_stopping = KATIP_TRY(rows[0].get<std::string>("state")) == "stopping";
  renewal.command = KATIP_TRY(rows[0].get<std::optional<std::string>>("command"));
  return std::optional(std::move(renewal));
}

Status WorkerStore::ask_to_stop(const std::string& id) {
  KATIP_TRY(run("set_worker_stopping", {id}));
  return {};
}

Status WorkerStore::send_command(const std::string& id, const std::string& command) {
  KATIP_TRY(run("send_command", {id, command}));
  return {};
}

Result<bool> WorkerStore::end(const std::string& id, const std::string& state,
                              const std::string& reason, Timestamp now) {
  return !KATIP_TRY(run("end_worker", {id, state, reason, to_text(now), nullptr})).empty();
}

Result<bool> WorkerStore::declare_dead(const Beat& seen, const std::string& reason, Timestamp now) {
  return !KATIP_TRY(run("end_worker", {seen.worker_id, "dead", reason, to_text(now), seen.beat}))
              .empty();
}

Result<std::vector<Beat>> WorkerStore::beats() {
  const Rows rows = KATIP_TRY(run("list_beats"));
  std::vector<Beat> beats;
  for (const Row row : rows) {
    beats.push_back({.worker_id = KATIP_TRY(row.get<std::string>("id")),
                     .beat = KATIP_TRY(row.get<std::int64_t>("beat")),
                     .lease_ms = KATIP_TRY(int_of(row, "lease_ms"))});
  }
  return beats;
}

Result<std::vector<WorkerRecord>> WorkerStore::list(Timestamp seen_since, int count_max) {
  const Rows rows = KATIP_TRY(run("list_workers", {to_text(seen_since), count_max}));
  std::vector<WorkerRecord> workers;
  for (const Row row : rows) {
    workers.push_back(KATIP_TRY(to_record(row)));
  }
  return workers;
}

Result<std::int64_t> WorkerStore::prune(Timestamp seen_before) {
  return KATIP_TRY(run("prune_workers", {to_text(seen_before)})).affected_count();
}

Result<std::vector<SetBounds>> WorkerStore::list_bounds() {
  const Rows rows = KATIP_TRY(run("list_worker_bounds"));
  std::vector<SetBounds> all;
  for (const Row row : rows) {
    all.push_back({.worker_kind = KATIP_TRY(row.get<std::string>("worker_kind")),
                   .bounds = KATIP_TRY(bounds_of(row)),
                   .changed_by = KATIP_TRY(row.get<std::string>("changed_by")),
                   .updated_at = KATIP_TRY(time_of(row, "updated_at"))});
  }
  return all;
}

Result<std::optional<SlotBounds>> WorkerStore::find_bounds(const std::string& worker_kind) {
  for (const SetBounds& each : KATIP_TRY(list_bounds())) {
    if (each.worker_kind == worker_kind) return each.bounds;
  }
  return std::optional<SlotBounds>();
}

Status WorkerStore::put_bounds(const SetBounds& bounds) {
  KATIP_TRY(run("put_worker_bounds",
                {bounds.worker_kind, bounds.bounds.slot_count_min, bounds.bounds.slot_count_max,
                 bounds.changed_by, to_text(bounds.updated_at)}));
  return {};
}

Status WorkerStore::delete_bounds(const std::string& worker_kind) {
  KATIP_TRY(run("delete_worker_bounds", {worker_kind}));
  return {};
}

}  // namespace katip::store
