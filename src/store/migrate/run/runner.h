#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/migrate/plan/plan.h"
#include "store/migrate/run/checksums.h"
#include "store/migrate/run/version_sql.h"
#include "store/transaction.h"

namespace katip::store::migrate {

struct RunnerOptions {
  std::string version_table = std::string(kVersionTable);
  /// How long to wait for another migrator of this database.
  std::chrono::milliseconds lock_timeout{60'000};
  /// A revision that met a lock (or another transaction) is taken back and tried again: so long a
  /// wait for a lock holds up all who come behind it, and a pause lets them through.
  RetryOptions retry = {.attempt_count_max = 5,
                        .backoff_first = std::chrono::milliseconds(500),
                        .backoff_max = std::chrono::milliseconds(10'000),
                        .time_max = std::chrono::minutes(10)};
  Migrant migrant = {};
  /// Looks at the plan before any of it runs, and may refuse it.
  std::function<Status(const Plan&)> check = [](const Plan&) { return Status{}; };
  /// Is called when there is something to do and check() has nothing against it, before the first
  /// step, with the rows of the version table.
  std::function<Status(const std::vector<std::string>& rows)> prepare =
      [](const std::vector<std::string>&) { return Status{}; };
  /// Is told of each step before it runs.
  std::function<void(const Step&)> on_step = [](const Step&) {};
  std::stop_token stop = {};
};

/// Takes a database from one revision to another. One migrator at a time has the lock "migrate" of
/// the database, for the whole run; one that waited sees what the others did, and may find nothing
/// left to do.
///
/// Each revision is one transaction on both databases, its version row and log row inside. A
/// revision with statements marked `-- katip: no-transaction` is run in pieces; what is done is
/// written down after each piece, and a retry goes on behind it.
///
/// Errors:   those of planning; those of Connection with file and line in front; kTimeout when the
///           lock is not free in time; kCancelled; kConflict when foreign keys are broken behind a
///           revision (SQLite).
/// Threads:  one thread.
/// Lifetime: connection and graph outlive it. The connection has no statement time-out, or one
///           long enough for the revisions.
class Runner {
 public:
  Runner(Connection& connection, const RevisionGraph& graph, RunnerOptions options)
      : connection_(connection), graph_(graph), options_(std::move(options)) {}

  /// Each returns what was done.
  Result<Plan> upgrade(const std::string& target);
  Result<Plan> downgrade(const std::string& target);
  Result<Plan> stamp(const std::vector<std::string>& targets);
  /// Forgets all rows first, also those that no file has.
  Result<Plan> stamp_purged(const std::vector<std::string>& targets);

  /// The rows of the version table; creates nothing.
  Result<std::vector<std::string>> rows();
  /// Creates the version table and nothing else.
  Status ensure_version_table();

 private:
  using Planner = std::function<Result<Plan>(const std::vector<std::string>& rows)>;

  Result<Plan> run(const Planner& planner);
  Result<Plan> run_locked(const Planner& planner);
  Status try_step(const Step& step);
  Status run_step(const Step& step);
  Status change_rows(const Step& step);
  Result<Plan> stamp_all(const std::vector<std::string>& targets, bool purges);
  Status log_step(const Step& step, std::chrono::steady_clock::time_point begin);

  Connection& connection_;
  const RevisionGraph& graph_;
  RunnerOptions options_;
};

}  // namespace katip::store::migrate
