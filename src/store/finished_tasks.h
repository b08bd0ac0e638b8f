#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

namespace katip::store {

/// A task that has ended, as figures need it.
struct FinishedTaskFigures {
  std::string id;
  std::string kind;
  std::string queue;
  std::string state;  ///< completed, cancelled, discarded or quarantined.
  int attempt = 0;    ///< Of how many it was the last.
  Timestamp run_at;
  std::optional<Timestamp> claimed_at;
  Timestamp finished_at;
};

/// Where a reading of the history goes on.
struct HistoryPosition {
  Timestamp finished_at;
  std::string id = "00000000-0000-0000-0000-000000000000";
};

/// What has ended behind that position, the oldest first.
///
/// Errors: those of Connection; kCorruptData.
Result<std::vector<FinishedTaskFigures>> finished_tasks(Connection& sql,
                                                        const HistoryPosition& after,
                                                        int count_max);

/// What has ended since then, the latest first.
Result<std::vector<FinishedTaskFigures>> latest_finished_tasks(Connection& sql, Timestamp since,
                                                               int count_max);

}  // namespace katip::store
