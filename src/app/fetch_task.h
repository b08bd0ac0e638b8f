#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/submit.h"
#include "app/validate_task.h"
#include "jobs/handler.h"
#include "jobs/queue.h"
#include "remote/outgoing_guard.h"

/// A recording that is somewhere else: `upload.fetch_url` brings it here, then it is transcribed
/// like any other one.
///
/// A job with an address has two tasks, one after the other. The first one fetches; the transaction
/// that completes it notes the file in the job and makes the second one, `transcription.process`.
/// A job follows its tasks, so one whose recording cannot be fetched has failed, with the reason.
namespace katip::app {

inline constexpr const char* kFetchKind = "upload.fetch_url";

struct UrlSubmission {
  std::string url;
  std::string name = {};        ///< What people call it; empty: the end of the URL.
  TranscriptionArgs args = {};  ///< job_id and source are filled in here.
  std::string tenant = {};
  std::optional<int> priority = {};  ///< Of the transcription; 0 to 10; else that of its queue.
  std::optional<std::string> request_id = {};
  std::optional<std::string> submitted_by = {};
  std::optional<std::string> api_key_id = {};
  std::optional<std::string> queue = {};  ///< Of the transcription; else by the kind of the task.
  std::optional<std::chrono::seconds> keep_for = {};  ///< Deleted so long after it came.
  std::vector<std::string> tags = {};                 ///< As of checked_tags().
};

/// The address is looked at, and not asked: that is the task's work.
///
/// Errors: kInvalidArgument and kPermissionDenied from OutgoingGuard::check_text(); kUnavailable
///         when the queue takes nothing; those of the database.
Result<Submitted> submit_url(jobs::Queue& queue, const remote::OutgoingGuard& guard,
                             const UrlSubmission& submission, std::stop_token stop);

struct FetchTools {
  MediaShelf shelf;
  remote::OutgoingGuard guard;
  std::filesystem::path ca_file = {};
  std::int64_t size_max = 4LL << 30;              ///< Bytes of a recording.
  std::chrono::milliseconds time_max{1'800'000};  ///< Of one attempt to fetch it.
  Probe probe = {};  ///< What was fetched is looked at before it stands in line; empty: it is not.
};

/// The handler of kFetchKind. What an attempt that broke off has fetched, the next one goes on
/// with.
///
/// Errors:   those of HttpClient::download(); kInvalidArgument for a web page instead of a
///           recording, and for an empty file.
/// Lifetime: the queue outlives the handler.
jobs::Handler fetch_handler(jobs::Queue& queue, FetchTools tools);

}  // namespace katip::app
