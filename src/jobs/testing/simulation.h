#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "jobs/testing/faulty_connection.h"
#include "store/connection.h"

/// A small world whose every step a seed decides: two servers with calendars of their own,
/// producers, workers that crash and stall, operators, and a database that fails at any call. The
/// queue, its store, the scheduler and the caretaker in it are the real ones.
///
///   const auto database = KATIP_TRY(SimulationDatabase::create());
///   const SimulationResult result = simulate(*database, seed);
///   // result.problem names the rule that was broken; the same seed breaks it again
namespace katip::jobs {

/// A database in memory with katip's schema, used again for every seed.
struct SimulationDatabase {
  std::unique_ptr<store::Connection> sql;

  static Result<std::unique_ptr<SimulationDatabase>> create();
};

struct SimulationResult {
  std::optional<std::string> problem;
  // What has happened, so that a test sees that something did.
  int task_count = 0;
  int completed_count = 0;
  int quarantined_count = 0;
  int cancelled_count = 0;
  int crash_count = 0;
  int stale_count = 0;  ///< Outcomes that were refused, as their lease had been lost.
  int fault_count = 0;
  int slot_count = 0;
};

/// Threads: one thread.
SimulationResult simulate(SimulationDatabase& database, std::uint64_t seed);

}  // namespace katip::jobs
