#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/media_shelf.h"
#include "app/principal.h"
#include "app/timestamp.h"
#include "base/result.h"
#include "jobs/queue.h"
#include "store/job_store.h"
#include "text/writers.h"

/// What people do with the jobs that are there: find, read, cancel, try again, delete.
///
/// Errors: kNotFound for a job that is not there or not theirs; those of the database.
namespace katip::app {

using Job = store::JobRecord;
using JobCount = store::JobCount;
using JobFilter = store::JobFilter;
using JobOrder = store::JobOrder;
using JobStatus = store::JobStatus;
using TagFigures = store::TagFigures;
using JobStatusFigures = store::JobStatusFigures;
using store::parse_job_status;
using text::Format;
using text::parse_format;
using text::Shown;
using text::WriteOptions;
using Snippet = store::Snippet;

inline constexpr int kPageSizeMax = 200;

struct JobQuery {
  JobFilter filter = {};  ///< `submitted_by` is set here for those who do not see everything.
  std::optional<std::string> cursor = {};  ///< Of the page before.
  int count_max = 50;                      ///< 1 to kPageSizeMax.
  JobOrder order = JobOrder::kNewestFirst;
};

struct JobList {
  std::vector<Job> jobs;
  std::optional<std::string> next_cursor;  ///< Nothing: this was the end.
};

/// A job that was found by what was said in it.
struct JobHit {
  Job job;
  store::Snippet snippet;
};
struct JobHits {
  std::vector<JobHit> hits;
  std::optional<std::string> next_cursor;
};

/// A transcript as a file.
struct TranscriptFile {
  std::string bytes;
  std::string content_type;
  std::string file_name;  ///< "Toplantı.srt"
  std::string extension;  ///< "srt"
  int version = 1;        ///< What its ETag is made of, together with job and format.
};

/// The recording itself.
struct Media {
  std::filesystem::path path;
  std::optional<std::string> url;  ///< Where to get it instead; then there is no path.
  std::string content_type;
  std::string file_name;
  std::string entity_tag;  ///< Without quotes.
};

/// What people may change about a job. Members that are not set stay as they are.
struct JobChange {
  std::optional<std::string> name = {};  ///< 1 to 500 bytes.
  std::optional<std::vector<std::string>> tags = {};
  /// How long it stays, from when it came; nothing inside: for ever.
  std::optional<std::optional<std::chrono::seconds>> keep_for = {};
};

/// Without spaces around them, each once, by the alphabet.
///
/// Errors: kInvalidArgument for more than 20, and for one that has no or more than 50 characters or
///         a control character.
Result<std::vector<std::string>> checked_tags(const std::vector<std::string>& tags);

/// Threads:  thread-safe.
/// Lifetime: the queue outlives it.
class Jobs {
 public:
  Jobs(jobs::Queue& queue, MediaShelf shelf) : queue_(queue), shelf_(std::move(shelf)) {}

  /// Errors: kInvalidArgument for the cursor, the number and what is searched for.
  Result<JobList> list(const Principal& principal, const JobQuery& query, std::stop_token stop);
  /// How many there are, up to 10,000; nothing when counting would take too long. The query's
  /// cursor, number and order say nothing.
  ///
  /// Errors: kInvalidArgument for what is searched for.
  Result<std::optional<JobCount>> count(const Principal& principal, const JobQuery& query,
                                        std::stop_token stop);
  Result<Job> get(const Principal& principal, std::string_view job_id, std::stop_token stop);
  /// Jobs whose name or text has what was typed, with the place where it fits best.
  Result<JobHits> search(const Principal& principal, const JobQuery& query, std::stop_token stop);

  /// Errors: kConflict when the job has no transcript yet.
  Result<TranscriptFile> transcript(const Principal& principal, std::string_view job_id,
                                    text::Format format, const text::WriteOptions& options,
                                    std::stop_token stop);
  /// Errors: kNotFound also when the recording was deleted and only its transcript is left;
  ///         kUnavailable when the bucket that it lies in is away.
  Result<Media> media(const Principal& principal, std::string_view job_id, std::stop_token stop);

  /// The recording as a file of this machine, wherever else it lies.
  ///
  /// Errors: as media().
  Result<std::filesystem::path> recording(const Principal& principal, std::string_view job_id,
                                          std::stop_token stop);

  /// A job that waits is cancelled at once; of one that is processed the worker is asked.
  ///
  /// Errors: kConflict when it has ended.
  Result<Job> cancel(const Principal& principal, std::string_view job_id, std::stop_token stop);
  /// A failed or cancelled job begins anew.
  ///
  /// Errors: kConflict for any other one, and when its task is forgotten.
  Result<Job> retry(const Principal& principal, std::string_view job_id, std::stop_token stop);
  /// Errors: kInvalidArgument for a name or tags that do not fit.
  Result<Job> change(const Principal& principal, std::string_view job_id, const JobChange& change,
                     std::stop_token stop);
  /// Of the jobs that the principal sees; the most used first, at most 200.
  Result<std::vector<TagFigures>> tags(const Principal& principal, std::stop_token stop);
  /// With everything that belongs to it, the recording included. A worker that is at it notices.
  Status remove(const Principal& principal, std::string_view job_id, std::stop_token stop);

  /// Of jobs that were made since then.
  Result<std::vector<JobStatusFigures>> statistics(const Principal& principal, Timestamp since,
                                                   std::stop_token stop);

 private:
  Result<std::vector<store::JobTask>> tasks_of(const Job& job, std::stop_token stop);

  jobs::Queue& queue_;
  const MediaShelf shelf_;
};

}  // namespace katip::app
