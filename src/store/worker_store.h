#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// The rows of worker processes: who is there, and the lease of each.
///
/// A lease is not a time but a number that rises, the beat. Whoever sees one beat for the length of
/// a lease, on a clock of his own that nobody can set, declares the worker dead, and only if the
/// beat is still that one. So no clock of one machine is compared with that of another.
///
/// Beside them the bounds of slots that operators have set while workers run.
///
/// Errors: those of Connection.
namespace katip::store {

/// Between which the slots of a worker follow its load.
struct SlotBounds {
  int slot_count_min = 0;
  int slot_count_max = 0;
  bool operator==(const SlotBounds&) const = default;
};

struct NewWorker {
  std::string id;  ///< A uuid made by the caller.
  std::string name;
  std::string host;
  int pid = 0;
  std::string worker_kind;  ///< engine or general.
  int lease_ms = 0;
  int slot_count = 0;
  std::string version = {};
  SlotBounds bounds = {};
  int critical_slot_count = 0;  ///< Beside those, for critical tasks only.
};

struct WorkerFigures {
  int slot_count = 0;
  int busy_count = 0;
  std::int64_t finished_count = 0;
  std::int64_t failed_count = 0;
  std::int64_t memory_bytes = 0;
  SlotBounds bounds = {};  ///< Zeros: an older katip, which does not say.
};

struct Renewal {
  bool is_stopping = false;            ///< Somebody asked this worker to stop softly.
  std::optional<std::string> command;  ///< What an operator sent last.
};

struct Beat {
  std::string worker_id;
  std::int64_t beat = 0;
  int lease_ms = 0;
};

struct WorkerRecord {
  std::string id, name, host, worker_kind, state, version;
  int pid = 0;
  WorkerFigures figures;
  int critical_slot_count = 0;
  Timestamp started_at, seen_at;
  std::optional<Timestamp> ended_at;
  std::optional<std::string> end_reason;
};

/// What somebody has set for all workers of a kind, in the place of their configuration.
struct SetBounds {
  std::string worker_kind;
  SlotBounds bounds;
  std::string changed_by;  ///< At most 200 characters.
  Timestamp updated_at;
};

/// Threads:  one thread, that of its connection.
/// Lifetime: the connection outlives it.
class WorkerStore {
 public:
  explicit WorkerStore(Connection& connection) : sql_(connection) {}

  Status insert(const NewWorker& worker, Timestamp now);
  /// Raises the beat. Nothing: the worker was declared dead, and its tasks may be elsewhere.
  Result<std::optional<Renewal>> renew(const std::string& id, const WorkerFigures& figures,
                                       Timestamp now);
  Status ask_to_stop(const std::string& id);
  Status send_command(const std::string& id, const std::string& command);

  /// The worker stopped by itself, or its parent saw it end. False: it had ended already.
  Result<bool> end(const std::string& id, const std::string& state, const std::string& reason,
                   Timestamp now);
  /// Declares it dead unless it has beaten since.
  Result<bool> declare_dead(const Beat& seen, const std::string& reason, Timestamp now);

  Result<std::vector<Beat>> beats();
  /// Those that run, and those that were seen since then.
  Result<std::vector<WorkerRecord>> list(Timestamp seen_since, int count_max);
  Result<std::int64_t> prune(Timestamp seen_before);

  /// By kind. Kinds that are missing go by their configuration.
  Result<std::vector<SetBounds>> list_bounds();
  Result<std::optional<SlotBounds>> find_bounds(const std::string& worker_kind);
  Status put_bounds(const SetBounds& bounds);
  /// From now on the configuration counts again.
  Status delete_bounds(const std::string& worker_kind);

 private:
  Result<Rows> run(std::string_view name, std::initializer_list<Value> parameters = {});

  Connection& sql_;
};

}  // namespace katip::store
