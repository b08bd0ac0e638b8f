#include "app/jobs.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "app/records/visible_job.h"
#include "app/webhook_events.h"
#include "base/trimmed.h"
#include "base/utf8.h"
#include "store/transcript_store.h"
#include "text/transcript_json.h"

/// Tested by jobs_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameSizeMax = 500;
constexpr std::size_t kTagCountMax = 20;
constexpr std::size_t kTagLengthMax = 50;

/// Asking for those of somebody else finds nothing, as if there were none.
std::optional<JobFilter> visible(const Principal& principal, JobFilter filter) {
  if (const auto owner = shown_owner(principal)) {
    if (filter.submitted_by && filter.submitted_by != owner) return std::nullopt;
    filter.submitted_by = owner;
  }
  return filter;
}

Result<store::JobPage> find_page(store::Connection& sql, const Principal& principal,
                                 const JobQuery& query) {
  if (query.count_max < 1 || query.count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("limit is 1 to {}, not {}", kPageSizeMax, query.count_max));
  }
  std::optional<store::PageCursor> after;
  if (query.cursor) after = KATIP_TRY(store::parse_page_cursor(*query.cursor));
  const auto filter = visible(principal, query.filter);
  if (!filter) return store::JobPage();
  return store::list_jobs(sql, *filter, after, query.count_max, query.order);
}

std::optional<std::string> next_of(const store::JobPage& page) {
  return page.next ? std::optional(store::to_text(*page.next)) : std::nullopt;
}

/// The name without its ending, for files made of it: no separators, no quotes, no controls.
std::string base_name(const Job& job) {
  std::string name = fs::path(job.source_name.value_or("")).filename().stem().string();
  std::erase_if(name, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '/' || c == '\\' || c == 0x7F;
  });
  return name.empty() ? job.job_id : name;
}

bool is_live(const store::JobTask& task) {
  return task.state == "scheduled" || task.state == "available" || task.state == "running" ||
         task.state == "retryable";
}

bool can_be_revived(const store::JobTask& task) {
  return task.state == "discarded" || task.state == "quarantined" || task.state == "cancelled";
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

Result<std::vector<std::string>> checked_tags(const std::vector<std::string>& tags) {
  if (tags.size() > kTagCountMax) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a job has at most {} tags", kTagCountMax));
  }
  std::set<std::string> checked;
  for (const std::string& tag : tags) {
    const std::string_view text = trimmed(tag, " ");
    if (text.empty() || !is_utf8(text) || character_count(text) > kTagLengthMax ||
        has_control(text)) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("a tag has 1 to {} characters and no control characters", kTagLengthMax));
    }
    checked.emplace(text);
  }
  return std::vector<std::string>(checked.begin(), checked.end());
}

Result<JobList> Jobs::list(const Principal& principal, const JobQuery& query,
                           std::stop_token stop) {
  const auto connection = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  store::JobPage page = KATIP_TRY(find_page(*connection, principal, query));
  return JobList{.jobs = std::move(page.jobs), .next_cursor = next_of(page)};
}

Result<std::optional<JobCount>> Jobs::count(const Principal& principal, const JobQuery& query,
                                            std::stop_token stop) {
  constexpr std::int64_t kCountMax = 10'000;
  constexpr std::chrono::milliseconds kTimeMax{150};
  const auto filter = visible(principal, query.filter);
  if (!filter) return std::optional(JobCount{});
  const auto connection = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  return store::count_jobs(*connection, *filter, kCountMax, kTimeMax);
}

Result<Job> Jobs::get(const Principal& principal, std::string_view job_id, std::stop_token stop) {
  const auto connection = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  return visible_job(*connection, principal, job_id);
}

Result<JobHits> Jobs::search(const Principal& principal, const JobQuery& query,
                             std::stop_token stop) {
  if (!query.filter.search) {
    return fail(ErrorCode::kInvalidArgument, "say what to search for");
  }
  const auto connection = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  store::JobPage page = KATIP_TRY(find_page(*connection, principal, query));
  JobHits hits{.hits = {}, .next_cursor = next_of(page)};
  for (Job& job : page.jobs) {
    auto snippet = KATIP_TRY(store::find_snippet(*connection, job.id, *query.filter.search));
    if (!snippet) continue;  // Deleted in the meantime.
    hits.hits.push_back({.job = std::move(job), .snippet = *std::move(snippet)});
  }
  return hits;
}

Result<TranscriptFile> Jobs::transcript(const Principal& principal, std::string_view job_id,
                                        text::Format format, const text::WriteOptions& options,
                                        std::stop_token stop) {
  const auto connection = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  const Job job = KATIP_TRY(visible_job(*connection, principal, job_id));
  // The version first: a transcript that is newer than its tag is read once more, never too late.
  const int version = KATIP_TRY(store::find_transcript_version(*connection, job.id));
  const auto stored = KATIP_TRY(store::find_transcript(*connection, job.id));
  if (!stored) {
    return fail(ErrorCode::kConflict,
                fmt::format("the job has no transcript: it is {}", name(job.status)));
  }
  const text::Transcript transcript = KATIP_TRY(text::parse_transcript(stored->transcript));
  text::WriteOptions titled = options;
  if (titled.title.empty()) titled.title = base_name(job);
  TranscriptFile file;
  file.bytes = KATIP_TRY(text::write(transcript, format, titled));
  file.content_type = text::content_type(format);
  file.extension = text::file_extension(format);
  file.file_name = base_name(job) + "." + file.extension;
  file.version = version;
  return file;
}

Result<Media> Jobs::media(const Principal& principal, std::string_view job_id,
                          std::stop_token stop) {
  const Job job = KATIP_TRY(get(principal, job_id, stop));
  if (!job.media_key) {
    return fail(ErrorCode::kNotFound, "the recording of this job is no longer there");
  }
  Media media;
  media.content_type = job.media_type.value_or("application/octet-stream");
  media.file_name = job.source_name.value_or(fs::path(*job.media_key).filename().string());
  media.entity_tag = job.media_sha256.value_or(job.job_id);
  media.url = KATIP_TRY(shelf_.download_url(*job.media_key, {.media_type = media.content_type}));
  if (!media.url) media.path = KATIP_TRY(shelf_.find(*job.media_key, std::move(stop)));
  return media;
}

Result<fs::path> Jobs::recording(const Principal& principal, std::string_view job_id,
                                 std::stop_token stop) {
  const Job job = KATIP_TRY(get(principal, job_id, stop));
  if (!job.media_key) {
    return fail(ErrorCode::kNotFound, "the recording of this job is no longer there");
  }
  return shelf_.find(*job.media_key, std::move(stop));
}

Result<std::vector<store::JobTask>> Jobs::tasks_of(const Job& job, std::stop_token stop) {
  const auto connection = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  return store::TaskStore(*connection).of_job(job.id);
}

Result<Job> Jobs::cancel(const Principal& principal, std::string_view job_id,
                         std::stop_token stop) {
  const Job job = KATIP_TRY(get(principal, job_id, stop));
  if (job.status != JobStatus::kQueued && job.status != JobStatus::kProcessing) {
    return fail(ErrorCode::kConflict,
                fmt::format("the job has ended already: it is {}", name(job.status)));
  }
  bool had_task = false;
  for (const store::JobTask& task : KATIP_TRY(tasks_of(job, stop))) {
    if (!is_live(task)) continue;
    const Status status = queue_.cancel(task.id, stop);
    if (!status && status.error().code != ErrorCode::kNotFound) {
      return std::unexpected(status.error());
    }
    had_task = true;
  }
  if (!had_task) {  // Its task was lost: nobody else would ever end it.
    KATIP_TRY(queue_.with_store(
        [&](store::TaskStore& tasks) -> Status {
          const bool is_cancelled =
              KATIP_TRY(store::cancel_job(tasks.connection(), job.id, queue_.now()));
          return is_cancelled ? announce_job(queue_, tasks.connection(), job.id) : Status{};
        },
        stop));
  }
  return get(principal, job_id, stop);
}

Result<Job> Jobs::retry(const Principal& principal, std::string_view job_id, std::stop_token stop) {
  const Job job = KATIP_TRY(get(principal, job_id, stop));
  if (job.status != JobStatus::kFailed && job.status != JobStatus::kCancelled) {
    return fail(ErrorCode::kConflict,
                fmt::format("only a failed or cancelled job begins anew; this one is {}",
                            name(job.status)));
  }
  const auto tasks = KATIP_TRY(tasks_of(job, stop));
  const auto task = std::ranges::find_if(tasks, can_be_revived);
  if (task == tasks.end()) {
    return fail(ErrorCode::kConflict,
                "how to do this job is no longer known; submit the recording again");
  }
  const Status status = queue_.revive(task->id, stop);
  if (!status && status.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kConflict, "the job is being tried again already");
  }
  KATIP_TRY(status);
  return get(principal, job_id, stop);
}

Result<Job> Jobs::change(const Principal& principal, std::string_view job_id,
                         const JobChange& change, std::stop_token stop) {
  std::vector<std::string> tags;
  if (change.tags) tags = KATIP_TRY(checked_tags(*change.tags));
  if (change.name && (change.name->empty() || change.name->size() > kNameSizeMax ||
                      !is_utf8(*change.name) || has_control(*change.name))) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a name has 1 to {} bytes and no control characters", kNameSizeMax));
  }
  KATIP_TRY(queue_.with_store(
      [&](store::TaskStore& tasks) -> Status {
        store::Connection& sql = tasks.connection();
        const Job job = KATIP_TRY(visible_job(sql, principal, job_id));
        if (change.name) KATIP_TRY(store::rename_job(sql, job.id, *change.name, queue_.now()));
        if (change.keep_for) {
          std::optional<Timestamp> expires_at;
          if (*change.keep_for) expires_at = job.created_at + **change.keep_for;
          KATIP_TRY(store::set_job_expiry(sql, job.id, expires_at, queue_.now()));
        }
        return change.tags ? store::set_job_tags(sql, job.id, tags) : Status{};
      },
      stop));
  return get(principal, job_id, stop);
}

Result<std::vector<TagFigures>> Jobs::tags(const Principal& principal, std::stop_token stop) {
  constexpr int kListedMax = 200;
  const auto connection = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  return store::list_tags(*connection, shown_owner(principal), kListedMax);
}

Status Jobs::remove(const Principal& principal, std::string_view job_id, std::stop_token stop) {
  std::optional<std::string> media_key;
  KATIP_TRY(queue_.with_store(
      [&](store::TaskStore& tasks) -> Status {
        const Job job = KATIP_TRY(visible_job(tasks.connection(), principal, job_id));
        KATIP_TRY(store::delete_job(tasks.connection(), job.id));
        media_key = job.media_key;
        // A job that transcribed the same recording again goes on having it.
        if (media_key && KATIP_TRY(store::is_media_used(tasks.connection(), *media_key))) {
          media_key.reset();
        }
        return {};
      },
      stop));
  if (!media_key) return {};
  // After the row: a row without its recording would promise what is not there.
  const Status removed = shelf_.remove(*media_key, std::move(stop));
  return removed
             ? removed
             : fail(ErrorCode::kUnavailable, "the job is deleted, but its recording is still in " +
                                                 *media_key + ": " + removed.error().message);
}

Result<std::vector<JobStatusFigures>> Jobs::statistics(const Principal& principal, Timestamp since,
                                                       std::stop_token stop) {
  const auto connection = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  return store::job_statistics(*connection, since, shown_owner(principal));
}

}  // namespace katip::app
