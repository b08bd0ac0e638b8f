#include "jobs/testing/audit.h"

#include <algorithm>

#include <fmt/format.h>

/// Tested by simulation_test.cc: an audit that finds nothing has to find what is planted.
namespace katip::jobs {

using store::Rows;

namespace {

constexpr const char* kTriggers = R"(
create table watched_steps (seq integer primary key, event text, id text, from_state text,
  to_state text, token integer, worker_id text, crash_count integer, runs_alone integer,
  queue text, tenant text, unique_key text);
create table watched_effects (task_id text);
create trigger audit_insert after insert on tasks begin
  insert into watched_steps (event, id, to_state, token, worker_id, crash_count, runs_alone, queue,
    tenant, unique_key) values ('insert', new.id, new.state, new.token, new.worker_id,
    new.crash_count, new.runs_alone, new.queue, new.tenant, new.unique_key);
end;
create trigger audit_update after update on tasks
  when old.state <> new.state or old.token <> new.token or old.crash_count <> new.crash_count begin
  insert into watched_steps (event, id, from_state, to_state, token, worker_id, crash_count,
    runs_alone, queue, tenant, unique_key) values ('update', new.id, old.state, new.state,
    new.token, new.worker_id, new.crash_count, new.runs_alone, new.queue, new.tenant,
    new.unique_key);
end;
create trigger audit_delete after delete on tasks begin
  insert into watched_steps (event, id, from_state) values ('delete', old.id, old.state);
end;
create trigger audit_history after insert on task_history begin
  insert into watched_steps (event, id, to_state, token) values ('history', new.id, new.state,
    new.token);
end;
create trigger audit_revive after delete on task_history begin
  insert into watched_steps (event, id, from_state) values ('revive', old.id, old.state);
end;
create trigger audit_slot after update of last_slot_at on schedules
  when old.last_slot_at <> new.last_slot_at begin
  insert into watched_steps (event, id, from_state, to_state) values ('slot', new.name,
    old.last_slot_at, new.last_slot_at);
end;
)";

constexpr TaskState kStates[] = {
    TaskState::kScheduled, TaskState::kAvailable, TaskState::kRunning,   TaskState::kRetryable,
    TaskState::kCompleted, TaskState::kCancelled, TaskState::kDiscarded, TaskState::kQuarantined};

TaskState to_state(const std::string& text) {
  return *std::ranges::find(kStates, text, [](TaskState state) { return name(state); });
}

bool is_final(TaskState state) {
  return state == TaskState::kCompleted || state == TaskState::kCancelled ||
         state == TaskState::kDiscarded || state == TaskState::kQuarantined;
}

}  // namespace

Status install_audit(store::Connection& sql) { return sql.execute(kTriggers); }

Status clear_rows(store::Connection& sql) {
  for (const char* table : {"task_checkpoints", "tasks", "task_history", "queues", "workers",
                            "schedules", "watched_effects", "watched_steps"}) {
    KATIP_TRY(sql.query(std::string("delete from ") + table));
  }
  return {};
}

void Audit::blame(std::string problem) {
  if (!problem_) problem_ = std::move(problem);
}

std::vector<Audit::Entry> Audit::read_log() {
  const Result<Rows> rows = sql_.query(
      "select event, id, from_state, to_state, token, worker_id, crash_count, runs_alone, queue, "
      "tenant, unique_key from watched_steps order by seq");
  if (!rows) {
    blame("the log cannot be read: " + rows.error().message);
    return {};
  }
  using Text = std::optional<std::string>;
  using Number = std::optional<std::int64_t>;
  std::vector<Entry> entries;
  for (const store::Row row : *rows) {
    entries.push_back({.event = *row.get<std::string>(0),
                       .id = *row.get<std::string>(1),
                       .from = *row.get<Text>(2),
                       .to = *row.get<Text>(3),
                       .task = {.token = row.get<Number>(4)->value_or(0),
                                .worker_id = row.get<Text>(5)->value_or(""),
                                .queue = row.get<Text>(8)->value_or(""),
                                .tenant = row.get<Text>(9)->value_or(""),
                                .unique_key = *row.get<Text>(10),
                                .crash_count = static_cast<int>(row.get<Number>(6)->value_or(0)),
                                .runs_alone = row.get<Number>(7)->value_or(0) != 0}});
  }
  if (!entries.empty() && !sql_.query("delete from watched_steps"))
    blame("the log cannot be cleared");
  return entries;
}

void Audit::look(const std::optional<Death>& death) {
  const std::vector<Entry> entries = read_log();
  if (entries.empty()) return;
  company_.clear();
  for (const auto& [id, task] : tasks_) {
    if (task.state == TaskState::kRunning) company_[task.worker_id].insert(id);
  }
  for (const Entry& entry : entries) apply(entry, death);
}

void Audit::apply(const Entry& entry, const std::optional<Death>& death) {
  if (entry.event == "insert") {
    on_insert(entry);
  } else if (entry.event == "update") {
    on_update(entry, death);
  } else if (entry.event == "history") {
    on_history(entry, death);
  } else if (entry.event == "delete") {
    const Task* const task = find(entry.id);
    if (task == nullptr || !is_final(task->state)) blame(entry.id + " was lost");
  } else if (entry.event == "revive") {
    const Task* const task = find(entry.id);
    if (task == nullptr || task->state != TaskState::kAvailable) {
      blame(entry.id + " lost its history");
    }
  } else {
    check_slot(entry);
  }
}

void Audit::on_insert(const Entry& entry) {
  const TaskState to = to_state(*entry.to);
  const auto [place, is_new] = tasks_.try_emplace(entry.id, entry.task);
  Task& task = place->second;
  if (!is_new && !is_legal(task.state, to)) {
    blame(fmt::format("{} went from {} to {}", entry.id, name(task.state), name(to)));
  }
  if (is_new && to != TaskState::kScheduled && to != TaskState::kAvailable) {
    blame(fmt::format("{} began as {}", entry.id, name(to)));
  }
  if (is_new && modes_[entry.task.queue] == "draining") {
    blame(entry.id + " entered a queue that is drained");
  }
  if (!is_new && entry.task.token != task.token) blame(entry.id + " forgot its token");
  for (const auto& [id, other] : tasks_) {
    if (id != entry.id && !is_final(other.state) && other.unique_key &&
        other.unique_key == entry.task.unique_key) {
      blame(fmt::format("{} and {} share the key {}", id, entry.id, *other.unique_key));
    }
  }
  if (is_new && entry.task.unique_key && entry.task.unique_key->starts_with("schedule:") &&
      !schedule_keys_.insert(*entry.task.unique_key).second) {
    blame(*entry.task.unique_key + " was served twice");
  }
  const int completed_count = task.completed_count;
  task = entry.task;
  task.completed_count = completed_count;
  task.state = to;
}

void Audit::on_update(const Entry& entry, const std::optional<Death>& death) {
  Task& task = tasks_[entry.id];
  const TaskState from = to_state(*entry.from);
  const TaskState to = to_state(*entry.to);
  const bool is_pardon = from == to && from == task.state && entry.task.token == task.token;
  if (is_pardon) {
    if (entry.task.crash_count != task.crash_count - 1) blame(entry.id + " was pardoned too much");
    task.crash_count = entry.task.crash_count;
    task.runs_alone = entry.task.runs_alone;
    return;
  }
  if (from != task.state || !is_legal(from, to)) {
    blame(fmt::format("{} went from {} to {}", entry.id, name(task.state), name(to)));
  }
  if (entry.task.token != task.token + (to == TaskState::kRunning ? 1 : 0)) {
    blame(fmt::format("{} has token {} behind {}", entry.id, entry.task.token, task.token));
  }
  if (to == TaskState::kRunning) check_claim(entry, task);
  if (from == TaskState::kRunning) check_crash_count(entry, task, death);
  if (task.was_cancelled) blame(entry.id + " was cancelled and goes on");
  task = entry.task;
  task.state = to;
}

void Audit::check_claim(const Entry& entry, const Task& task) {
  if (!may_claim_[entry.task.worker_id]) {
    blame(fmt::format("{} was claimed by {}, which has ended", entry.id, entry.task.worker_id));
  }
  if (modes_[entry.task.queue] == "paused") blame(entry.id + " was claimed from a paused queue");
  const auto is_company = [&](const auto& other) {
    return other.second.state == TaskState::kRunning && other.second.tenant == task.tenant;
  };
  if (rules_.tenant_running_max > 0 &&
      std::ranges::count_if(tasks_, is_company) >= rules_.tenant_running_max && !task.runs_alone) {
    blame(fmt::format("tenant {} runs more than it may", task.tenant));
  }
}

bool Audit::may_be_blamed(const std::string& id, const Task& task,
                          const std::optional<Death>& death) const {
  const auto company = company_.find(task.worker_id);
  if (company == company_.end()) return false;
  if (!death || death->worker_id != task.worker_id) {
    return task.runs_alone || company->second.size() == 1;
  }
  if (death->is_orderly) return false;
  const auto is_held = [&](const std::string& one) { return company->second.contains(one); };
  return std::ranges::find(death->started, id) != death->started.end() &&
         (task.runs_alone || std::ranges::count_if(death->started, is_held) == 1);
}

void Audit::check_crash_count(const Entry& entry, const Task& task,
                              const std::optional<Death>& death) {
  const int more = entry.task.crash_count - task.crash_count;
  if (more != 0 && (more != 1 || !may_be_blamed(entry.id, task, death))) {
    blame(fmt::format("{} was blamed for a crash with company", entry.id));
  }
}

void Audit::on_history(const Entry& entry, const std::optional<Death>& death) {
  Task& task = tasks_[entry.id];
  const TaskState to = to_state(*entry.to);
  if (!is_legal(task.state, to) || task.token != entry.task.token) {
    blame(fmt::format("{} ended as {} from {}", entry.id, name(to), name(task.state)));
  }
  if (to == TaskState::kQuarantined &&
      (task.crash_count != rules_.crash_count_max - 1 || !may_be_blamed(entry.id, task, death))) {
    blame(fmt::format("{} was quarantined after {} crashes alone", entry.id, task.crash_count));
  }
  if (to == TaskState::kCompleted && ++task.completed_count > 1) {
    blame(entry.id + " was completed twice");
  }
  task.state = to;
}

void Audit::check_slot(const Entry& entry) {
  if (entry.from && *entry.to <= *entry.from) {
    blame(fmt::format("schedule {} went back to {}", entry.id, *entry.to));
  }
  slots_[entry.id].push_back(*entry.to);
}

void Audit::set_worker(const std::string& id, bool may_claim) { may_claim_[id] = may_claim; }

const Audit::Task* Audit::find(const std::string& id) const {
  const auto found = tasks_.find(id);
  return found == tasks_.end() ? nullptr : &found->second;
}

bool Audit::holds(const store::TaskKey& key) const {
  const Task* const task = find(key.id);
  return task != nullptr && task->state == TaskState::kRunning && task->token == key.token;
}

void Audit::check_end() {
  if (live_count() > 0) blame(fmt::format("{} tasks never ended", live_count()));
  std::size_t slot_count = 0;
  for (const auto& [schedule, served] : slots_) slot_count += served.size();
  if (slot_count != schedule_keys_.size()) {
    blame(fmt::format("{} slots have {} tasks", slot_count, schedule_keys_.size()));
  }
  const auto kept = sql_.query("select count(*) from task_history");
  if (!kept || *(*kept)[0].get<std::int64_t>(0) != std::ssize(tasks_)) {
    blame("the history does not hold every task");
  }
}

int Audit::live_count() const {
  return static_cast<int>(
      std::ranges::count_if(tasks_, [](const auto& one) { return !is_final(one.second.state); }));
}

}  // namespace katip::jobs
