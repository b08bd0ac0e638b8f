#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>

#include "base/result.h"
#include "store/fair_permits.h"

namespace katip::store::sqlite {

/// The line in which this program's writers of one SQLite file stand: first come, first served.
///
/// One transaction writes at a time anyway. SQLite's own way to wait is to look again after a
/// while, and whoever has just written and begins anew is nearly always quicker: the others wait
/// for a tenth of a second and more. Writers in other processes do not stand here; whoever has the
/// turn waits for them in SQLite's way.
///
/// Threads: thread-safe. A turn may end on another thread than it began on.
class WriteTurns {
 public:
  /// The line of this file, the same for all its connections in this process.
  static std::shared_ptr<WriteTurns> of(const std::filesystem::path& canonical_path);

  struct EndTurn {
    void operator()(FairPermits* permits) const { permits->release(); }
  };
  /// The others wait until it is gone. The line outlives it.
  using Turn = std::unique_ptr<FairPermits, EndTurn>;

  /// Errors: kTimeout when it was not our turn within `wait_max`, kCancelled.
  Result<Turn> take(std::chrono::milliseconds wait_max, std::stop_token stop);

 private:
  FairPermits permits_{1, std::size_t(-1)};
};

}  // namespace katip::store::sqlite
