#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/jobs.h"
#include "app/media_shelf.h"
#include "app/transcription_args.h"
#include "base/clock.h"
#include "base/result.h"
#include "cli/accounts/command_audit.h"
#include "cli/terminal/terminal.h"
#include "cli/watch/watch_memory.h"
#include "jobs/queue.h"
#include "text/writers.h"

namespace katip::cli {

struct FolderWatchOptions {
  std::filesystem::path folder;
  std::optional<std::filesystem::path> output = {};   ///< Nothing: beside the recording.
  std::optional<std::filesystem::path> move_to = {};  ///< Recordings that are done.
  std::vector<text::Format> formats = {text::Format::kText};
  text::WriteOptions write = {};
  app::TranscriptionArgs args = {};
  std::optional<std::chrono::seconds> keep_for = {};  ///< Of their jobs; nothing: for ever.
  std::chrono::milliseconds settle{5'000};            ///< Unchanged for so long: the file is whole.
  bool is_once = false;  ///< Ends when everything that was there is done.
};

/// Recordings that come into a folder become jobs, and their transcripts files.
///
/// Threads:  one thread.
/// Lifetime: everything that is referred to outlives it.
class FolderWatch {
 public:
  FolderWatch(jobs::Queue& queue, app::MediaShelf shelf, const Clock& clock, Terminal& terminal,
              CommandAudit& audit, WatchMemory& memory, FolderWatchOptions options);

  /// Until it is stopped, or everything is done when that is asked for.
  ///
  /// Errors: kUnavailable and the like of the database; kInternal when the system cannot watch.
  Status run(std::stop_token stop);

 private:
  struct Sighting {
    WatchedFile file;
    std::chrono::steady_clock::time_point since;
  };
  Status scan(const std::stop_token& stop);
  Status submit(const std::string& name, const WatchedFile& file, const std::stop_token& stop);
  Status collect(const std::stop_token& stop);
  Status write_outputs(const std::string& name, const app::Job& job, const std::stop_token& stop);
  Status move_away(const std::string& name);
  [[nodiscard]] bool is_done() const;

  jobs::Queue& queue_;
  const app::MediaShelf shelf_;
  app::Jobs jobs_;
  const Clock& clock_;
  Terminal& terminal_;
  CommandAudit& audit_;  // Each recording that becomes a job has a line.
  WatchMemory& memory_;
  const FolderWatchOptions options_;
  std::map<std::string, Sighting> growing_;  // Files that are not known to be whole yet.
};

}  // namespace katip::cli
