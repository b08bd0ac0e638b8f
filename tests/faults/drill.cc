#include "faults/drill.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/temporary_folder.h"
#include "store/schema.h"
#include "store/worker_store.h"

extern char** environ;

namespace katip::drill {

using namespace std::chrono_literals;

void insist(const Status& status) {
  if (!status) {
    fmt::print(stderr, "faults: {}: {}\n", name(status.error().code), status.error().message);
    std::exit(status.error().code == ErrorCode::kNotFound ? 77 : 1);  // 77: skipped.
  }
}

namespace {

pid_t spawn_self(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "/proc/self/exe");
  std::vector<char*> pointers;
  for (std::string& text : arguments) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  pid_t pid = -1;
  if (posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, pointers.data(), environ) != 0) {
    insist(fail(ErrorCode::kUnavailable, "cannot start a process"));
  }
  return pid;
}

}  // namespace

Drill::Drill(const DrillOptions& options) : options_(options) {
  if (options_.database == "postgres") {
    server_ = insist(store::testing::PostgresServer::start(
        {.settings = options_.postgres_settings, .folder = options_.postgres_folder}));
    url_ = server_->url(insist(server_->create_database()));
  } else {
    folder_ = std::make_unique<TemporaryFolder>();
    url_ = "sqlite:///" + (folder_->path() / "queue.db").string();
  }
  const store::DatabaseUrl parsed = insist(store::DatabaseUrl::parse(url_));
  const auto connection = insist(store::Connection::open(parsed, {}));
  insist(store::upgrade_to_head(*connection));
  // No key: a second effect must be seen, not refused.
  insist(connection->execute("create table drill_effects (task_id text not null)"));
  // What lies idle may have been cut, or its server started again, by the drill itself.
  pool_ = insist(store::Pool::create(parsed, {}, {.connection_count_max = 6, .ping_after = 0ms}));
  queue_ =
      std::make_unique<jobs::Queue>(*pool_, system_clock(), system_rng(), jobs::QueueOptions{});
}

Drill::~Drill() { stop_servers(); }

void Drill::start_server() {
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  servers_.push_back(spawn_self({"server",
                                 "--url",
                                 url_,
                                 "--processes",
                                 number(options_.process_count),
                                 "--slots",
                                 number(options_.slot_count),
                                 "--critical-slots",
                                 number(options_.critical_slot_count),
                                 "--lease",
                                 number(options_.lease_ms),
                                 "--memory",
                                 number(options_.memory_mb_max),
                                 "--tasks",
                                 number(options_.task_count_max),
                                 "--ageing",
                                 number(options_.ageing_ms),
                                 "--backoff-first",
                                 number(options_.backoff_first_ms),
                                 "--backoff-max",
                                 number(options_.backoff_max_ms),
                                 "--hard-stop",
                                 number(options_.hard_stop_ms),
                                 "--grace",
                                 number(options_.grace_ms)}));
}

/// The workers are asked to stop by the system when their parent is gone; here they get no time for
/// it.
void Drill::kill_server() {
  const std::vector<pid_t> all = workers();
  kill(servers_.front(), SIGKILL);
  for (const pid_t pid : all) kill(pid, SIGKILL);
  waitpid(servers_.front(), nullptr, 0);
  servers_.erase(servers_.begin());
}

void Drill::stop_servers() {
  for (const pid_t pid : servers_) kill(pid, SIGTERM);
  for (const pid_t pid : servers_) waitpid(pid, nullptr, 0);
  servers_.clear();
}

void Drill::put(const std::string& kind, int count, const std::string& args) {
  constexpr int kBatch = 200;
  for (int left = count; left > 0; left -= kBatch) {
    const std::string name = fmt::format("batch-{}", ++batch_count_);
    const std::vector<jobs::TaskRequest> batch(static_cast<std::size_t>(std::min(left, kBatch)),
                                               {.kind = kind, .args = args, .request_id = name});
    while (true) {
      const auto done = queue_->enqueue(batch, {});
      if (done) break;
      refusals_.with_lock([&](auto& all) { all.push_back(done.error()); });
      system_clock().sleep_for(50ms, {});
      // Whoever lost a connection at the commit has to ask before trying again.
      if (is_there(name)) break;
    }
  }
}

/// Waits for a database that answers.
bool Drill::is_there(const std::string& batch) {
  while (true) {
    const Status status = [&]() -> Status {
      const auto connection = KATIP_TRY(pool_->acquire({}));
      const store::Rows rows =
          KATIP_TRY(connection->query("select (select count(*) from tasks where request_id = $1) + "
                                      "(select count(*) from task_history where request_id = $1)",
                                      {batch}));
      return KATIP_TRY(rows[0].get<std::int64_t>(0)) > 0
                 ? Status{}
                 : fail(ErrorCode::kNotFound, "nothing of it is there");
    }();
    if (status) return true;
    if (status.error().code == ErrorCode::kNotFound) return false;
    system_clock().sleep_for(50ms, {});
  }
}

std::vector<Error> Drill::refusals() {
  return refusals_.with_lock([](const auto& all) { return all; });
}

std::vector<pid_t> Drill::workers() {
  std::vector<pid_t> pids;
  const auto connection = pool_->acquire({});
  if (!connection) return pids;
  const auto list = store::WorkerStore(**connection).list(queue_->now() - 1h, 100);
  if (!list) return pids;
  for (const store::WorkerRecord& worker : *list) {
    // A row outlives its process by a moment, and a foreign process may have the number by then.
    if (worker.state == "running" && kill(worker.pid, 0) == 0) pids.push_back(worker.pid);
  }
  std::ranges::sort(pids);
  return pids;
}

std::vector<pid_t> Drill::wait_for_workers(std::chrono::seconds time_max) {
  const auto deadline = system_clock().now() + time_max;
  while (system_clock().now() < deadline) {
    std::vector<pid_t> pids = workers();
    if (std::ssize(pids) == options_.process_count * std::ssize(servers_)) return pids;
    system_clock().sleep_for(20ms, {});
  }
  return {};
}

std::int64_t Drill::count(const std::string& sql, const std::vector<store::Value>& parameters) {
  const auto connection = insist(pool_->acquire({}));
  const store::Rows rows = insist(connection->query(sql, parameters));
  return insist(rows[0].get<std::int64_t>(0));
}

Tally Drill::tally() {
  const auto number = [&](const char* sql) { return count(sql); };
  Tally tally;
  tally.completed = number("select count(*) from task_history where state = 'completed'");
  tally.rescued =
      number("select count(*) from task_history where state = 'completed' and errors <> '[]'");
  tally.discarded = number("select count(*) from task_history where state = 'discarded'");
  tally.quarantined = number("select count(*) from task_history where state = 'quarantined'");
  tally.waiting = number("select count(*) from tasks");
  tally.with_one_effect = number(
      "select count(*) from (select task_id from drill_effects group by task_id "
      "having count(*) = 1) as once");
  tally.with_more = number(
      "select count(*) from (select task_id from drill_effects group by task_id "
      "having count(*) > 1) as more");
  return tally;
}

std::vector<std::string> Drill::ended_of(const std::string& column, const std::string& value) {
  std::vector<std::string> ids;
  const auto connection = insist(pool_->acquire({}));
  const store::Rows rows =
      insist(connection->query("select id from task_history where " + column + " = $1", {value}));
  for (const store::Row row : rows) ids.push_back(insist(row.get<std::string>(0)));
  return ids;
}

std::int64_t Drill::count_completed_of(const std::string& tenant) {
  return count("select count(*) from task_history where state = 'completed' and tenant = $1",
               {tenant});
}

int Drill::retry_quarantined() {
  std::vector<store::TaskRecord> tasks;
  insist(queue_->with_store(
      [&](store::TaskStore& store) -> Status {
        tasks = KATIP_TRY(store.final_tasks("quarantined", std::nullopt, 1'000));
        return {};
      },
      {}));
  for (const store::TaskRecord& task : tasks) insist(queue_->revive(task.id, {}));
  return static_cast<int>(tasks.size());
}

bool Drill::wait_until_empty(std::chrono::seconds time_max) {
  const auto deadline = system_clock().now() + time_max;
  while (system_clock().now() < deadline) {
    if (count("select count(*) from tasks") == 0) return true;
    system_clock().sleep_for(100ms, {});
  }
  return false;
}

}  // namespace katip::drill
