#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "app/job_watch.h"
#include "app/principal.h"
#include "app/recording.h"
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

/// What it came to. Exactly one call of on_done ends it; nothing is called after that.
///
/// Threads: on_segments and on_idle are called on the thread of JobWatch, and are quick; on_done
///          where Transcriptions runs what takes longer, after the others have been called.
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
/// Lifetime: queue and watch outlive it; it outlives what `elsewhere` was given.
class Transcriptions {
 public:
  /// Runs a function that reads the database, on a thread that may block.
  using Elsewhere = std::function<void(std::function<void()>)>;

  Transcriptions(
      jobs::Queue& queue, JobWatch& watch, MediaShelf shelf,
      Elsewhere elsewhere = [](const std::function<void()>& run) { run(); })
      : queue_(queue), watch_(watch), shelf_(std::move(shelf)), elsewhere_(std::move(elsewhere)) {}

  /// Puts it into the queue and returns; the observer is told of the rest. The file is moved away;
  /// it lies on the disk of the data folder.
  ///
  /// Errors: those of submit_recording(). Of the observer: what the job failed with.
  Result<Submitted> start(const Principal& principal, const std::filesystem::path& file,
                          const Recording& recording, LiveObserver observer, std::stop_token stop);
  /// Nobody waits any more: the work is stopped. Recording and row go when their time has come.
  void abandon(const Submitted& submitted);

  /// What can be waited for is where these are told of.
  [[nodiscard]] JobWatch& watch() { return watch_; }

 private:
  void follow(const std::string& job_row_id, Parts parts,
              std::shared_ptr<const LiveObserver> observer);
  void finish(const std::string& job_row_id, const JobNews& news,
              const std::shared_ptr<const LiveObserver>& observer);
  Result<Transcript> read(const std::string& job_row_id);

  jobs::Queue& queue_;
  JobWatch& watch_;
  const MediaShelf shelf_;
  const Elsewhere elsewhere_;
};

/// text::write(), for those who know only this module.
Result<std::string> write_transcript(const Transcript& transcript, Format format,
                                     const WriteOptions& options);

}  // namespace katip::app
