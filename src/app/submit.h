#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "app/transcription_args.h"
#include "base/result.h"
#include "jobs/queue.h"

/// A recording comes in: its bytes into the data folder, its job and its task into the database.
namespace katip::app {

struct Submission {
  std::filesystem::path file;   ///< Copied; it stays where it is.
  std::string name;             ///< What people call it; only its end (".mp4") is used for storing.
  TranscriptionArgs args = {};  ///< job_id and source are filled in here.
  std::string tenant = {};
  std::optional<int> priority = {};  ///< 0 to 10; else that of the queue.
  std::optional<std::string> request_id = {};
};

struct Submitted {
  std::string job_id;  ///< What people see: "job_…".
  std::string task_id;
};

/// The bytes are on the disk before the rows are there, and the rows come together: what is in the
/// queue can be done. Bytes of a submission that failed are taken away again.
///
/// Errors: those of the file; kUnavailable when the disk is full or the queue takes nothing; those
/// of
///         the database.
Result<Submitted> submit_recording(jobs::Queue& queue, const std::filesystem::path& data_dir,
                                   const Submission& submission, std::stop_token stop);

}  // namespace katip::app
