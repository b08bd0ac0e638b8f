#include "app/intake.h"

#include <fmt/format.h>

#include "app/fetch_task.h"
#include "app/records/visible_job.h"
#include "store/job_store.h"

/// Tested by tests/e2e/test_jobs_api.py.
namespace katip::app {
Result<TranscriptionArgs> parse_options(std::string_view json) {
  return parse_transcription_args(
      fmt::format(R"({{"job_id":"none","source":"none","options":{}}})", json));
}

Result<Submitted> Intake::from_file(const Principal& principal, const std::filesystem::path& file,
                                    const Recording& recording, std::stop_token stop) {
  KATIP_TRY(check_priority(principal, recording.priority));
  std::error_code error;
  if (std::filesystem::file_size(file, error) == 0 && !error) {
    return fail(ErrorCode::kInvalidArgument, "the file has no bytes");
  }
  Submission submission = submission_of(principal, recording);
  submission.file = file;
  submission.check = Check::kFirst;
  return submit_recording(queue_, shelf_, submission, std::move(stop));
}

Result<Submitted> Intake::from_upload(const Principal& principal, std::string_view upload_id,
                                      const Recording& recording, std::stop_token stop) {
  KATIP_TRY(check_priority(principal, recording.priority));
  const Upload upload = KATIP_TRY(uploads_.find(principal, upload_id, stop));
  if (upload.status != UploadStatus::kCompleted) {
    return fail(ErrorCode::kConflict, upload.status == UploadStatus::kUsed
                                          ? "the upload has become a job already"
                                          : "the upload is not complete yet");
  }
  Recording named = recording;
  if (named.name.empty()) named.name = upload.file_name.value_or("");
  if (named.media_type.empty()) named.media_type = upload.media_type.value_or("");
  Submission submission = submission_of(principal, named);
  submission.file = uploads_.path_of(upload);
  submission.check = Check::kFirst;
  // In the transaction that makes the job: of two requests for one upload only one succeeds, and
  // one that is refused leaves the upload as it was.
  submission.along = [this, upload](store::Connection& sql, const std::string& job_row_id) {
    return uploads_.use(sql, upload, job_row_id);
  };
  return submit_recording(queue_, shelf_, submission, std::move(stop));
}

Result<Submitted> Intake::from_url(const Principal& principal, const std::string& url,
                                   const Recording& recording, std::stop_token stop) {
  KATIP_TRY(check_priority(principal, recording.priority));
  const Submission common = submission_of(principal, recording);
  return submit_url(queue_, guard_,
                    {.url = url,
                     .name = common.name,
                     .args = common.args,
                     .tenant = common.tenant,
                     .priority = common.priority,
                     .request_id = common.request_id,
                     .submitted_by = common.submitted_by,
                     .api_key_id = common.api_key_id,
                     .keep_for = common.keep_for,
                     .tags = common.tags},
                    stop);
}

Result<std::uint64_t> Intake::follow(const Principal& principal, std::string_view job_id,
                                     JobWatch::Listener listener, std::stop_token stop) {
  const std::string row_id = KATIP_TRY(find(principal, job_id, std::move(stop))).id;
  return watch_.add(row_id, Parts::kSegments, std::move(listener));
}

Result<store::JobRecord> Intake::find(const Principal& principal, std::string_view job_id,
                                      std::stop_token stop) {
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire(std::move(stop)));
  return visible_job(*sql, principal, job_id);
}

Result<Submitted> Intake::again(const Principal& principal, std::string_view job_id,
                                const Recording& recording, std::stop_token stop) {
  KATIP_TRY(check_priority(principal, recording.priority));
  const store::JobRecord first = KATIP_TRY(find(principal, job_id, stop));
  Recording named = recording;
  if (named.name.empty()) named.name = first.source_name.value_or("");
  return submit_again(queue_, first.id, submission_of(principal, named), std::move(stop));
}

}  // namespace katip::app
