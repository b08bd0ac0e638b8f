#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/page_cursor.h"
#include "store/search/snippet.h"
#include "store/timestamp.h"

/// The rows of jobs: what people asked for, how far it is, and what came out.
///
/// A job goes through the steps of kJobSteps and no others: each change is one statement that also
/// looks at the status before, and gives false when the job is not there or does not stand where
/// this step begins.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

enum class JobStatus { kQueued, kProcessing, kCompleted, kFailed, kCancelled };

/// "queued", "processing", "completed", "failed", "cancelled".
std::string_view name(JobStatus status);
std::optional<JobStatus> parse_job_status(std::string_view text);

struct JobStep {
  JobStatus from;
  JobStatus to;
};

/// Every legal step of a job. conformance/jobs_test.cc tries every pair.
inline constexpr JobStep kJobSteps[] = {
    {JobStatus::kQueued, JobStatus::kProcessing},
    {JobStatus::kProcessing, JobStatus::kProcessing},  // another worker took it over
    {JobStatus::kProcessing, JobStatus::kCompleted},
    {JobStatus::kQueued, JobStatus::kFailed},  // refused before it began
    {JobStatus::kProcessing, JobStatus::kFailed},
    {JobStatus::kQueued, JobStatus::kCancelled},
    {JobStatus::kProcessing, JobStatus::kCancelled},
    {JobStatus::kProcessing, JobStatus::kQueued},  // handed back by a soft stop
    {JobStatus::kFailed, JobStatus::kQueued},      // somebody said: try again
    {JobStatus::kCancelled, JobStatus::kQueued},
};

struct NewJob {
  std::string id = {};      ///< A uuid made by the caller.
  std::string job_id = {};  ///< What people see; 1 to 64 characters.
  std::string kind = "transcription";
  int priority = 5;            ///< 0 to 10; 10 is first.
  std::string options = "{}";  ///< A JSON object.
  std::optional<std::string> api_key_id = {};
  std::optional<std::string> submitted_by = {};
  std::optional<std::string> language = {};
  std::optional<std::string> model_name = {};
  std::optional<std::string> source_name = {};
  std::optional<std::string> source_url = {};
  std::optional<std::string> media_key = {};
  std::optional<std::string> media_type = {};
  std::optional<std::string> media_sha256 = {};
  std::optional<double> audio_duration_s = {};
  std::optional<int> sample_rate = {};
  std::optional<int> channels = {};
  std::optional<std::int64_t> file_size = {};
  Timestamp created_at = {};
  std::optional<Timestamp> expires_at = {};
};

/// A job without its texts, which may be large: find_transcript() reads those.
struct JobRecord {
  std::string id;
  std::string job_id;
  JobStatus status = JobStatus::kQueued;
  std::string kind;
  int priority = 0;
  double progress = 0;  ///< 0 to 1.
  std::string options;
  std::optional<std::string> api_key_id, submitted_by, language, detected_language, model_name,
      engine, source_name, source_url, media_key, media_type, media_sha256, error_code,
      error_message;
  std::optional<double> audio_duration_s, processing_s, queue_wait_s, realtime_factor, confidence;
  std::optional<int> sample_rate, channels;
  std::optional<std::int64_t> file_size;
  Timestamp created_at, updated_at;
  std::optional<Timestamp> started_at, completed_at, expires_at;
  std::vector<std::string> tags;  ///< By the alphabet.
};

struct JobTranscript {
  std::string transcript;  ///< JSON.
  std::string text;
};

/// What a job gave.
struct JobResult {
  std::string transcript = "{}";  ///< JSON.
  std::string text = {};
  std::optional<std::string> detected_language = {};
  std::optional<std::string> model_name = {};  ///< Nothing: as it was.
  std::optional<std::string> engine = {};
  std::optional<double> audio_duration_s = {};  ///< Nothing: as it was.
  std::optional<double> processing_s = {};
  std::optional<double> realtime_factor = {};
  std::optional<double> confidence = {};  ///< 0 to 1.
};

Status insert_job(Connection& sql, const NewJob& job);

/// By the id of the row.
Result<std::optional<JobRecord>> find_job(Connection& sql, std::string_view id);
/// By the id that people see.
Result<std::optional<JobRecord>> find_job_by_job_id(Connection& sql, std::string_view job_id);
/// Nothing when there is no such job or it has no transcript.
Result<std::optional<JobTranscript>> find_transcript(Connection& sql, std::string_view id);

/// `queue_wait_s` is kept from the first start.
Result<bool> start_job(Connection& sql, std::string_view id, double queue_wait_s, Timestamp now);
/// Of a job that is processing; progress never goes back.
Result<bool> set_job_progress(Connection& sql, std::string_view id, double progress, Timestamp now);
/// Two statements: belongs in the transaction that also ends the task.
Result<bool> complete_job(Connection& sql, std::string_view id, const JobResult& result,
                          Timestamp now);
/// A code as in ErrorCode's names; a message that is too long is cut.
Result<bool> fail_job(Connection& sql, std::string_view id, std::string_view error_code,
                      std::string_view error_message, Timestamp now);
Result<bool> cancel_job(Connection& sql, std::string_view id, Timestamp now);
/// What is known of a recording once it is here.
struct JobMedia {
  std::string media_key;
  std::optional<std::string> media_type, media_sha256;
  std::int64_t file_size = 0;
};
/// False: the job is not there, or has ended.
Result<bool> set_job_media(Connection& sql, std::string_view id, const JobMedia& media,
                           Timestamp now);
/// Back to the queue, without progress and error.
Result<bool> requeue_job(Connection& sql, std::string_view id, Timestamp now);

/// Nobody deletes or changes the job before this transaction ends. False: it is not there.
Result<bool> hold_job(Connection& sql, std::string_view id);
/// Whether any job has this recording. Several do when it was transcribed again.
Result<bool> is_media_used(Connection& sql, std::string_view media_key);

/// What belongs to it goes too, as the foreign keys say. False: it was not there.
Result<bool> delete_job(Connection& sql, std::string_view id);

struct DeletedJob {
  std::string id;
  std::optional<std::string> media_key;  ///< For the caller to delete: no other job has it.
};
/// Deletes jobs that have ended and whose time has come, the oldest first.
Result<std::vector<DeletedJob>> delete_expired_jobs(Connection& sql, Timestamp now, int count_max);

/// Everything that is set has to hold.
struct JobFilter {
  std::vector<JobStatus> statuses = {};  ///< One of these; empty: any.
  std::optional<std::string> kind = {};
  std::optional<std::string> language = {};  ///< Asked for or detected.
  std::optional<std::string> model_name = {};
  std::optional<std::string> api_key_id = {};
  std::optional<std::string> submitted_by = {};
  std::optional<Timestamp> created_from = {};
  std::optional<Timestamp> created_before = {};
  std::optional<std::string> tag = {};
  std::optional<std::string> search = {};  ///< As typed; see search/search_query.h.
};

enum class JobOrder { kNewestFirst, kOldestFirst };

struct JobPage {
  std::vector<JobRecord> jobs;
  std::optional<PageCursor> next;  ///< Nothing: this was the end.
};

/// Jobs that come while somebody pages through are not shown, and none is shown twice or left out.
///
/// Errors: kInvalidArgument when count_max is not 1 to 1,000; those of SearchQuery::parse().
Result<JobPage> list_jobs(Connection& sql, const JobFilter& filter,
                          const std::optional<PageCursor>& after, int count_max,
                          JobOrder order = JobOrder::kNewestFirst);

struct JobCount {
  bool operator==(const JobCount&) const = default;
  std::int64_t count = 0;
  bool is_more = false;  ///< There are more than could be counted.
};
/// Up to `count_max` of them, in so much time; nothing: it would take longer.
///
/// Errors: kInvalidArgument as of list_jobs().
Result<std::optional<JobCount>> count_jobs(Connection& sql, const JobFilter& filter,
                                           std::int64_t count_max,
                                           std::chrono::milliseconds time_max);

/// Another name, which is found from then on. False: the job is not there.
Result<bool> rename_job(Connection& sql, std::string_view id, const std::string& name,
                        Timestamp now);

/// When it goes by itself, once it has ended; nothing: never. False: the job is not there.
Result<bool> set_job_expiry(Connection& sql, std::string_view id,
                            std::optional<Timestamp> expires_at, Timestamp now);

/// In place of those before. Each has 1 to 50 characters and comes once.
Status set_job_tags(Connection& sql, std::string_view id, std::span<const std::string> tags);

struct TagFigures {
  std::string tag;
  std::int64_t job_count = 0;
};
/// Of the jobs of one submitter or of all; the most used first.
Result<std::vector<TagFigures>> list_tags(Connection& sql,
                                          const std::optional<std::string>& submitted_by,
                                          int count_max);

/// Figures of the jobs of one status.
struct JobStatusFigures {
  JobStatus status = JobStatus::kQueued;
  std::int64_t job_count = 0;
  double audio_duration_s = 0;              ///< The sum.
  double processing_s = 0;                  ///< The sum.
  std::optional<double> queue_wait_s = {};  ///< The mean of those that have begun.
};
/// Of the jobs made since then, of one submitter or of all.
Result<std::vector<JobStatusFigures>> job_statistics(
    Connection& sql, Timestamp since, const std::optional<std::string>& submitted_by);

/// Where the text of a job fits what was typed; nothing when there is no such job.
Result<std::optional<Snippet>> find_snippet(Connection& sql, std::string_view id,
                                            std::string_view typed);

}  // namespace katip::store
