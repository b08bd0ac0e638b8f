#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// The rows of schedules: what runs by the calendar, and which slot was the last to be served.
///
/// Errors: those of Connection.
namespace katip::store {

struct ScheduleRecord {
  std::string name;
  std::string cron;
  std::string time_zone;
  std::string kind;
  std::string args = "{}";  ///< JSON.
  bool is_active = true;
  std::string missed = "once";  ///< Slots that nobody was there for: once, or skip.
  std::optional<Timestamp> last_slot_at = {};
  std::string origin = "configured";  ///< Or added: somebody made it by the API.
  bool is_paused = false;             ///< Switched off by somebody.
};

/// Threads:  one thread, that of its connection.
/// Lifetime: the connection outlives it.
class ScheduleStore {
 public:
  explicit ScheduleStore(Connection& connection) : sql_(connection) {}

  /// Inserts, or changes what is configured. The last slot is kept; one that has rested or runs at
  /// other times than before begins now.
  Status put(const ScheduleRecord& schedule, Timestamp now);
  Result<std::vector<ScheduleRecord>> list();
  /// The same of one that somebody adds. False: the configuration has one of this name.
  Result<bool> put_added(const ScheduleRecord& schedule, Timestamp now);
  /// False: it is not there.
  Result<bool> set_paused(const std::string& name, bool is_paused, Timestamp now);
  /// False: it is not there, or the configuration has it.
  Result<bool> remove_added(const std::string& name);
  /// True for exactly one of those who ask for a slot, however many servers there are.
  Result<bool> fire(const std::string& name, Timestamp slot, const std::string& task_id);
  /// Those of a configuration that no longer names them; returns them.
  Result<std::vector<std::string>> deactivate_others(const std::vector<std::string>& names,
                                                     Timestamp now);

 private:
  Result<Rows> run(std::string_view name, std::initializer_list<Value> parameters = {});

  Connection& sql_;
};

}  // namespace katip::store
