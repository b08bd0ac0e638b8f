#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "store/task_store.h"

/// Finished windows as rows of the queue, and back: what a killed worker leaves to the next.
namespace katip::app {

struct WindowCheckpoint {
  /// Of the source, the options and the model: a window of others is of no use.
  std::string fingerprint;
  /// The lease under which the work began anew. Rows of an older beginning may lie behind it.
  std::int64_t run = 0;
  std::int64_t processing_ms = 0;  ///< Spent on the run so far, by all attempts.
  int channel = 0;
  engine::WindowDone window;
};

/// Each channel has positions of its own.
store::Checkpoint to_row(const WindowCheckpoint& checkpoint);

/// Errors: kCorruptData.
Result<WindowCheckpoint> parse_window_checkpoint(std::string_view json);

/// The windows that an attempt need not do again.
struct FinishedWindows {
  std::int64_t run = 0;
  std::int64_t processing_ms = 0;
  std::vector<std::vector<engine::WindowDone>> channels = {};  ///< Empty: nothing to go on with.

  [[nodiscard]] std::size_t window_count() const;
};

/// Of each channel the windows from the first on, up to the first one that is missing, unreadable,
/// or of another run or fingerprint. A channel counts when those before it have a window.
///
/// Threads: pure.
FinishedWindows finished_windows(std::span<const store::Checkpoint> rows,
                                 const std::string& fingerprint);

}  // namespace katip::app
