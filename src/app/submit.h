#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/media_shelf.h"
#include "app/transcription_args.h"
#include "base/result.h"
#include "jobs/queue.h"

/// A recording comes in: its bytes onto the shelf, its job and its task into the database.
namespace katip::app {

enum class Bytes {
  kCopy,  ///< The file stays where it is.
  /// It goes into the data folder, which lies on the same disk; when the job is not made, it stays.
  kMove,
};

/// When it turns out that a file is no recording.
enum class Check {
  kWhenTranscribed,
  kFirst,  ///< By a task of its own, before it stands in line: validate_task.h.
};

struct Submission {
  std::filesystem::path file = {};
  std::string name = {};        ///< What people call it; only its end (".mp4") is used for storing.
  TranscriptionArgs args = {};  ///< job_id and source are filled in here.
  std::string tenant = {};
  std::optional<int> priority = {};  ///< 0 to 10; else that of the queue.
  std::optional<std::string> request_id = {};
  Bytes bytes = Bytes::kCopy;
  Check check = Check::kWhenTranscribed;
  std::optional<std::string> queue = {};  ///< Else by the kind of the task.
  std::optional<std::string> api_key_id = {};
  std::optional<std::string> submitted_by = {};
  std::optional<std::string> media_type = {};
  std::optional<std::string> media_sha256 = {};
  std::optional<std::chrono::seconds> keep_for = {};  ///< Deleted so long after it came.
  std::vector<std::string> tags = {};                 ///< As of checked_tags().
  /// What else belongs to the transaction that makes the job. May run more than once.
  std::function<Status(store::Connection&, const std::string& job_row_id)> along = {};
};

struct Submitted {
  std::string job_id;      ///< What people see: "job_…".
  std::string job_row_id;  ///< Of its row.
  std::string task_id;
};

/// The bytes are there for good before the rows are there, and the rows come together: what is in
/// the queue can be done. Bytes of a submission that failed are taken away again.
///
/// Errors: those of the file; kUnavailable when the disk is full or the queue takes nothing; those
/// of
///         the database.
Result<Submitted> submit_recording(jobs::Queue& queue, const MediaShelf& shelf,
                                   const Submission& submission, std::stop_token stop);

/// The recording of a job is transcribed once more, by another job with the name, tags and options
/// of the submission; its file, bytes and check say nothing here. The recording belongs to both and
/// goes with the last of them.
///
/// Errors: kConflict while the first one has not ended; kNotFound when it or its recording is gone;
///         those of submit_recording() about queue and database.
Result<Submitted> submit_again(jobs::Queue& queue, std::string_view job_row_id,
                               const Submission& submission, std::stop_token stop);

}  // namespace katip::app
