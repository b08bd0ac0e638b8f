#include "app/transcriptions.h"

#include "jobs/retry_policy.h"
#include "store/job_store.h"
#include "text/transcript_json.h"

/// Tested by transcriptions_test.cc and tests/e2e/test_openai.py.
namespace katip::app {
namespace {

constexpr const char* kQueueOfThoseWhoWait = "critical";

/// What a job failed with, as it was when it happened.
Error error_of(const JobNews& news) {
  if (news.is_gone) return {ErrorCode::kNotFound, "the job was deleted meanwhile"};
  if (news.status == JobStatus::kCancelled) {
    return {ErrorCode::kCancelled, "the job was cancelled"};
  }
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    if (name(static_cast<ErrorCode>(code)) == news.error_code) {
      return {static_cast<ErrorCode>(code), news.error_message};
    }
  }
  return {ErrorCode::kInternal, news.error_message};
}

}  // namespace

Result<Submitted> Transcriptions::start(const Principal& principal,
                                        const std::filesystem::path& file,
                                        const Recording& recording, LiveObserver observer,
                                        std::stop_token stop) {
  Submission submission = submission_of(principal, recording);
  submission.file = file;
  submission.queue = kQueueOfThoseWhoWait;
  submission.priority.reset();  // That of the queue: somebody waits.
  const Submitted submitted = KATIP_TRY(submit_recording(queue_, shelf_, submission, stop));
  const Parts parts = observer.on_segments ? Parts::kSegments : Parts::kNone;
  follow(submitted.job_row_id, parts, std::make_shared<const LiveObserver>(std::move(observer)));
  return submitted;
}

void Transcriptions::follow(const std::string& job_row_id, Parts parts,
                            std::shared_ptr<const LiveObserver> observer) {
  watch_.add(job_row_id, parts, [this, job_row_id, observer](const JobNews& news) {
    if (news.is_repeated && observer->on_idle) observer->on_idle();
    if (!news.segments.empty()) observer->on_segments(news.segments);
    if (news.is_final()) elsewhere_([=, this] { finish(job_row_id, news, observer); });
  });
}

/// Of an hour of speech this takes a while: others want to hear of their windows meanwhile.
void Transcriptions::finish(const std::string& job_row_id, const JobNews& news,
                            const std::shared_ptr<const LiveObserver>& observer) {
  if (news.status != JobStatus::kCompleted || news.is_gone) {
    return observer->on_done(std::unexpected(error_of(news)));
  }
  auto transcript = read(job_row_id);
  if (!transcript && jobs::is_transient(transcript.error().code)) {
    // The work is done: a database that is busy for a moment must not lose it.
    return follow(job_row_id, Parts::kNone, observer);
  }
  observer->on_done(std::move(transcript));
}

void Transcriptions::abandon(const Submitted& submitted) {
  // It may have ended by itself meanwhile, and then there is nothing to stop.
  static_cast<void>(queue_.cancel(submitted.task_id, {}));
}

Result<Transcript> Transcriptions::read(const std::string& job_row_id) {
  const store::PooledConnection sql = KATIP_TRY(queue_.pool().acquire({}));
  const auto stored = KATIP_TRY(store::find_transcript(*sql, job_row_id));
  if (!stored) return fail(ErrorCode::kNotFound, "the job was deleted meanwhile");
  return text::parse_transcript(stored->transcript);
}

Result<std::string> write_transcript(const Transcript& transcript, Format format,
                                     const WriteOptions& options) {
  return text::write(transcript, format, options);
}

}  // namespace katip::app
