#include "app/submit.h"

#include <fstream>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/media_name.h"
#include "app/staged/next_transcription.h"
#include "app/transcription_task.h"
#include "app/validate_task.h"
#include "base/atomic_file.h"
#include "base/utf8.h"
#include "store/job_store.h"

/// Tested by submit_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;

Result<std::int64_t> copy(const fs::path& from, const fs::path& to, const std::stop_token& stop) {
  std::error_code error;
  if (fs::exists(from, error) && !fs::is_regular_file(from, error)) {
    return fail(ErrorCode::kInvalidArgument, from.string() + " is no file");
  }
  std::ifstream in(from, std::ios::binary);
  if (!in) {
    return std::unexpected(file_error("open", from, errno));
  }
  AtomicFile out = KATIP_TRY(AtomicFile::create(to));
  std::vector<char> buffer(1 << 20);
  std::int64_t size = 0;
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    if (stop.stop_requested()) {
      return fail(ErrorCode::kCancelled, "stopped while copying");
    }
    const auto count = static_cast<std::size_t>(in.gcount());
    KATIP_TRY(out.write(std::string_view(buffer.data(), count)));
    size += in.gcount();
  }
  if (in.bad()) {
    return std::unexpected(file_error("read", from, errno));
  }
  KATIP_TRY(out.commit());
  return size;
}

/// A second name for the file: the first one goes when the job is made. The bytes are on the disk
/// before the name is: a name alone could survive a crash without them.
Result<std::int64_t> link(const fs::path& from, const fs::path& to) {
  KATIP_TRY(sync_file(from));
  std::error_code error;
  const std::uintmax_t size = fs::file_size(from, error);
  if (!error) fs::create_hard_link(from, to, error);
  if (error) return std::unexpected(file_error("move", from, error.value()));
  sync_folder(to.parent_path());
  return static_cast<std::int64_t>(size);
}

Result<bool> job_exists(jobs::Queue& queue, const std::string& job_id) {
  const store::PooledConnection connection = KATIP_TRY(queue.pool().acquire({}));
  return KATIP_TRY(store::find_job_by_job_id(*connection, job_id)).has_value();
}

/// The transcription, or what comes before it.
jobs::TaskRequest first_task(const Submission& submission, const TranscriptionArgs& args,
                             const std::string& job_row_id) {
  jobs::TaskRequest task{.kind = kTranscriptionKind,
                         .tenant = submission.tenant,
                         .job_id = job_row_id,
                         .request_id = submission.request_id};
  if (submission.check == Check::kFirst) {
    boost::json::object staged;
    add_next(staged, {.args = args, .priority = submission.priority, .queue = submission.queue});
    task.kind = kValidateKind;
    task.args = boost::json::serialize(staged);
  } else {
    task.args = to_json(args);
    task.queue = submission.queue;
    task.priority = submission.priority;
  }
  return task;
}

/// The row of a new job, whose recording is still to be filled in.
store::NewJob new_job(const jobs::Queue& queue, const Submission& submission,
                      const TranscriptionArgs& args, const std::string& id) {
  store::NewJob job{.id = id, .job_id = args.job_id, .options = options_json(args)};
  if (!submission.name.empty()) {
    job.source_name = submission.name.substr(0, cut_size(submission.name, kSourceNameSizeMax));
  }
  job.media_key = args.source;
  job.media_type = submission.media_type;
  job.media_sha256 = submission.media_sha256;
  job.api_key_id = submission.api_key_id;
  job.submitted_by = submission.submitted_by;
  job.created_at = queue.now();
  if (submission.keep_for) job.expires_at = job.created_at + *submission.keep_for;
  if (!args.options.language.empty()) job.language = args.options.language;
  const std::string queue_name =
      submission.queue.value_or(queue.options().routing.route(kTranscriptionKind).queue);
  job.priority =
      submission.priority.value_or(jobs::priority_of_queue(queue_name).value_or(job.priority));
  return job;
}

/// Job and task; gives the id of the task.
Result<std::string> insert(jobs::Queue& queue, store::TaskStore& tasks, const store::NewJob& job,
                           const jobs::TaskRequest& task, const Submission& submission) {
  store::Connection& sql = tasks.connection();
  KATIP_TRY(store::insert_job(sql, job));
  KATIP_TRY(store::set_job_tags(sql, job.id, submission.tags));
  const auto enqueued = KATIP_TRY(queue.enqueue_in(sql, std::span(&task, 1)));
  if (submission.along) KATIP_TRY(submission.along(sql, job.id));
  return enqueued.front().id;
}

}  // namespace

Result<Submitted> submit_recording(jobs::Queue& queue, const MediaShelf& shelf,
                                   const Submission& submission, std::stop_token stop) {
  const std::string id = queue.new_id();
  TranscriptionArgs args = submission.args;
  args.job_id = "job_" + id;
  args.source = "media/" + id + safe_extension(submission.name);
  const fs::path target = shelf.path_of(args.source);
  KATIP_TRY(make_folder(target.parent_path()));
  const std::int64_t size =
      KATIP_TRY(submission.bytes == Bytes::kMove ? link(submission.file, target)
                                                 : copy(submission.file, target, stop));
  if (const Status kept = shelf.keep(args.source, submission.media_type, stop); !kept) {
    std::error_code ignored;
    fs::remove(target, ignored);
    return std::unexpected(kept.error());
  }

  store::NewJob job = new_job(queue, submission, args, id);
  job.file_size = size;
  const jobs::TaskRequest task = first_task(submission, args, id);
  Submitted submitted{.job_id = args.job_id, .job_row_id = id, .task_id = ""};
  const Status status = queue.with_store(
      [&](store::TaskStore& tasks) -> Status {
        submitted.task_id = KATIP_TRY(insert(queue, tasks, job, task, submission));
        return {};
      },
      stop);
  if (!status) {
    // A connection that broke while committing leaves open whether the job is there: bytes too many
    // are better than a job without them.
    const auto exists = job_exists(queue, args.job_id);
    if (exists && !*exists) static_cast<void>(shelf.remove(args.source, {}));
    return std::unexpected(status.error());
  }
  std::error_code ignored;
  if (submission.bytes == Bytes::kMove) fs::remove(submission.file, ignored);
  return submitted;
}

Result<Submitted> submit_again(jobs::Queue& queue, std::string_view job_row_id,
                               const Submission& submission, std::stop_token stop) {
  const std::string id = queue.new_id();
  Submitted submitted{.job_id = "job_" + id, .job_row_id = id, .task_id = ""};
  KATIP_TRY(queue.with_store(
      [&](store::TaskStore& tasks) -> Status {
        store::Connection& sql = tasks.connection();
        // Held, so that nobody deletes the recording between this look and the new row.
        KATIP_TRY(store::hold_job(sql, job_row_id));
        const auto first = KATIP_TRY(store::find_job(sql, job_row_id));
        if (!first) return fail(ErrorCode::kNotFound, "there is no such job");
        if (!first->completed_at) {
          return fail(ErrorCode::kConflict,
                      fmt::format("the job has not ended: it is {}", name(first->status)));
        }
        if (!first->media_key) {
          return fail(ErrorCode::kNotFound, "the recording of this job is no longer there");
        }
        TranscriptionArgs args = submission.args;
        args.job_id = submitted.job_id;
        args.source = *first->media_key;
        store::NewJob job = new_job(queue, submission, args, id);
        job.source_url = first->source_url;
        job.media_type = first->media_type;
        job.media_sha256 = first->media_sha256;
        job.audio_duration_s = first->audio_duration_s;
        job.sample_rate = first->sample_rate;
        job.channels = first->channels;
        job.file_size = first->file_size;
        // Whether it is a recording the first job has found out.
        Submission known = submission;
        known.check = Check::kWhenTranscribed;
        submitted.task_id =
            KATIP_TRY(insert(queue, tasks, job, first_task(known, args, id), submission));
        return {};
      },
      stop));
  return submitted;
}

}  // namespace katip::app
