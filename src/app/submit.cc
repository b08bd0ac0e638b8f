#include "app/submit.h"

#include <fstream>
#include <vector>

#include "app/media_name.h"
#include "app/transcription_task.h"
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

Result<bool> job_exists(jobs::Queue& queue, const std::string& job_id) {
  const store::PooledConnection connection = KATIP_TRY(queue.pool().acquire({}));
  return KATIP_TRY(store::find_job_by_job_id(*connection, job_id)).has_value();
}

}  // namespace

Result<Submitted> submit_recording(jobs::Queue& queue, const fs::path& data_dir,
                                   const Submission& submission, std::stop_token stop) {
  const std::string id = queue.new_id();
  TranscriptionArgs args = submission.args;
  args.job_id = "job_" + id;
  args.source = "media/" + id + safe_extension(submission.name);
  const fs::path target = data_dir / args.source;
  KATIP_TRY(make_media_folder(target.parent_path()));
  const std::int64_t size = KATIP_TRY(copy(submission.file, target, stop));

  store::NewJob job{.id = id, .job_id = args.job_id, .options = "{}"};
  if (!submission.name.empty()) {
    job.source_name = submission.name.substr(0, cut_size(submission.name, kSourceNameSizeMax));
  }
  job.media_key = args.source;
  job.file_size = size;
  job.created_at = queue.now();
  if (!args.options.language.empty()) job.language = args.options.language;
  jobs::TaskRequest task{.kind = kTranscriptionKind,
                         .args = to_json(args),
                         .tenant = submission.tenant,
                         .priority = submission.priority,
                         .job_id = id,
                         .request_id = submission.request_id};
  job.priority = submission.priority.value_or(
      *jobs::priority_of_queue(queue.options().routing.route(task.kind).queue));
  Submitted submitted{.job_id = args.job_id, .task_id = ""};
  const Status status = queue.with_store(
      [&](store::TaskStore& tasks) -> Status {
        KATIP_TRY(store::insert_job(tasks.connection(), job));
        const auto enqueued = KATIP_TRY(queue.enqueue_in(tasks.connection(), std::span(&task, 1)));
        submitted.task_id = enqueued.front().id;
        return {};
      },
      stop);
  if (!status) {
    // A connection that broke while committing leaves open whether the job is there: bytes too many
    // are better than a job without them.
    const auto exists = job_exists(queue, args.job_id);
    std::error_code ignored;
    if (exists && !*exists) fs::remove(target, ignored);
    return std::unexpected(status.error());
  }
  return submitted;
}

}  // namespace katip::app
