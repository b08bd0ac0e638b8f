#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "app/job_watch.h"
#include "app/principal.h"
#include "app/submit.h"
#include "base/result.h"
#include "jobs/queue.h"
#include "text/transcript.h"
#include "text/writers.h"

namespace katip::app {

using text::Format;
using text::Segment;
using text::Shown;
using text::TextLayout;
using text::Transcript;
using text::WriteOptions;

/// A recording that somebody waits for.
struct LiveRecording {
  std::filesystem::path file = {};  ///< Moved away; on the disk of the data folder.
  std::string name = {};
  std::string media_type = {};
  std::string sha256 = {};
  TranscriptionArgs args = {};
  std::string request_id = {};
  /// How long job and transcript stay, once it is done; nothing: for ever.
  std::optional<std::chrono::seconds> keep_for = {};
};

/// What it came to. Exactly one call of on_done ends it; nothing is called after that.
///
/// Threads: called on the thread of JobWatch; quick.
struct LiveObserver {
  /// Of windows that have just been finished, in the order of the audio.
  std::function<void(const std::vector<Segment>&)> on_segments = {};
  /// Nothing is new; the line is still open.
  std::function<void()> on_idle = {};
  std::function<void(Result<Transcript>)> on_done;
};

/// Transcription for those who wait for it: through the same queue and the same batch as every
/// other, before everything that nobody waits for.
///
/// Threads:  thread-safe.
/// Lifetime: queue and watch outlive it.
class Transcriptions {
 public:
  Transcriptions(jobs::Queue& queue, JobWatch& watch, MediaShelf shelf)
      : queue_(queue), watch_(watch), shelf_(std::move(shelf)) {}

  /// Puts it into the queue and returns; the observer is told of the rest.
  ///
  /// Errors: those of submit_recording(). Of the observer: what the job failed with.
  Result<Submitted> start(const Principal& principal, const LiveRecording& recording,
                          LiveObserver observer, std::stop_token stop);
  /// Nobody waits any more: the work is stopped. Recording and row go when their time has come.
  void abandon(const Submitted& submitted);

  /// What can be waited for is where these are told of.
  [[nodiscard]] JobWatch& watch() { return watch_; }

 private:
  void follow(const std::string& job_row_id, Parts parts,
              std::shared_ptr<const LiveObserver> observer);
  Result<Transcript> read(const std::string& job_row_id);

  jobs::Queue& queue_;
  JobWatch& watch_;
  const MediaShelf shelf_;
};

/// text::write(), for those who know only this module.
Result<std::string> write_transcript(const Transcript& transcript, Format format,
                                     const WriteOptions& options);

}  // namespace katip::app
