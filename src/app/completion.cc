#include "app/completion.h"

#include <algorithm>
#include <cmath>

#include "app/usage.h"
#include "app/webhook_events.h"
#include "store/job_store.h"
#include "text/transcript.h"

/// Tested by completion_test.cc and tests/e2e/test_jobs_api.py.
namespace katip::app {

std::optional<double> confidence_of(const text::Transcript& transcript) {
  double sum = 0;
  double weight_sum = 0;
  for (const text::Segment& segment : transcript.segments) {
    const auto weight =
        static_cast<double>(std::max<std::int64_t>(segment.end_ms - segment.start_ms, 1));
    sum += weight * std::exp(std::min(static_cast<double>(segment.average_log_probability), 0.0));
    weight_sum += weight;
  }
  if (weight_sum == 0) return std::nullopt;
  return sum / weight_sum;
}

Status complete_transcription(jobs::Queue& queue, store::Connection& sql,
                              const Finished& finished) {
  const auto job = KATIP_TRY(store::find_job_by_job_id(sql, finished.args.job_id));
  if (!job) {
    return fail(ErrorCode::kNotFound, "the job of this task is no longer there");
  }
  store::JobResult result;
  result.transcript = finished.transcript_json;
  result.text = text::full_text(finished.transcript);
  if (!finished.transcript.language.empty()) {
    result.detected_language = finished.transcript.language;
  }
  result.model_name = finished.figures.model;
  result.engine = finished.made_by;
  result.audio_duration_s = static_cast<double>(finished.figures.duration_ms) / 1000;
  result.processing_s = static_cast<double>(finished.figures.processing_ms) / 1000;
  result.realtime_factor = finished.figures.realtime_factor;
  result.confidence = confidence_of(finished.transcript);
  const bool is_done = KATIP_TRY(store::complete_job(sql, job->id, result, queue.now()));
  if (!is_done) return fail(ErrorCode::kConflict, "the job is not being processed");
  KATIP_TRY(record_usage(queue, sql, *job, finished));
  return announce_job(queue, sql, job->id);
}

}  // namespace katip::app
