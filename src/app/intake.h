#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/job_watch.h"
#include "app/principal.h"
#include "app/recording.h"
#include "app/submit.h"
#include "app/uploads.h"
#include "base/result.h"
#include "jobs/queue.h"
#include "remote/outgoing_guard.h"

namespace katip::app {

/// The options of a transcription as an API takes them: see docs/formats/transcription-task.md.
///
/// Errors: kInvalidArgument, naming the key.
Result<TranscriptionArgs> parse_options(std::string_view json);

/// Recordings become jobs, from wherever they come.
///
/// Threads:  thread-safe.
/// Lifetime: queue, uploads and watch outlive it.
class Intake {
 public:
  Intake(jobs::Queue& queue, Uploads& uploads, JobWatch& watch, remote::OutgoingGuard guard,
         MediaShelf shelf)
      : queue_(queue),
        uploads_(uploads),
        watch_(watch),
        guard_(std::move(guard)),
        shelf_(std::move(shelf)) {}

  /// The file is moved away; it lies on the disk of the data folder.
  ///
  /// Errors: kInvalidArgument for an empty file; those of submit_recording().
  Result<Submitted> from_file(const Principal& principal, const std::filesystem::path& file,
                              const Recording& recording, std::stop_token stop);
  /// Errors: kNotFound, kConflict for an upload that is not complete or used already.
  Result<Submitted> from_upload(const Principal& principal, std::string_view upload_id,
                                const Recording& recording, std::stop_token stop);
  /// Errors: those of submit_url().
  Result<Submitted> from_url(const Principal& principal, const std::string& url,
                             const Recording& recording, std::stop_token stop);

  /// Another job for the recording of one that has ended. Without a name it has the first one's.
  ///
  /// Errors: those of submit_again(); kNotFound also for a job of somebody else.
  Result<Submitted> again(const Principal& principal, std::string_view job_id,
                          const Recording& recording, std::stop_token stop);
  /// What a job was made with.
  ///
  /// Errors: kNotFound, also for a job of somebody else.
  Result<store::JobRecord> find(const Principal& principal, std::string_view job_id,
                                std::stop_token stop);

  /// Tells what becomes of a job, until it has ended or follower is removed from watch().
  ///
  /// Errors: kNotFound, also for a job of somebody else.
  Result<std::uint64_t> follow(const Principal& principal, std::string_view job_id,
                               JobWatch::Listener listener, std::stop_token stop);
  [[nodiscard]] JobWatch& watch() { return watch_; }

 private:
  jobs::Queue& queue_;
  Uploads& uploads_;
  JobWatch& watch_;
  const remote::OutgoingGuard guard_;
  const MediaShelf shelf_;
};

}  // namespace katip::app
