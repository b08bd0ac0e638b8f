#include "app/webhook_events.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/webhook/outbox.h"
#include "base/utf8.h"
#include "store/job_store.h"

/// Tested by webhooks_test.cc on both databases.
namespace katip::app {
namespace {

namespace json = boost::json;

constexpr std::size_t kTextSizeMax = 12'000;  ///< Bytes of a transcript in a message.

template <typename T>
json::value or_null(const std::optional<T>& value) {
  return value ? json::value_from(*value) : json::value(nullptr);
}

json::value time_or_null(const std::optional<store::Timestamp>& time) {
  return time ? json::value(store::to_text(*time)) : json::value(nullptr);
}

json::object job_data(const store::JobRecord& job) {
  json::object data{{"job_id", job.job_id},
                    {"status", store::name(job.status)},
                    {"kind", job.kind},
                    {"source_name", or_null(job.source_name)},
                    {"model_name", or_null(job.model_name)},
                    {"language", job.detected_language ? json::value(*job.detected_language)
                                                       : or_null(job.language)},
                    {"audio_duration_s", or_null(job.audio_duration_s)},
                    {"processing_s", or_null(job.processing_s)},
                    {"created_at", store::to_text(job.created_at)},
                    {"completed_at", time_or_null(job.completed_at)}};
  if (job.error_code) {
    data["error"] =
        json::object{{"code", *job.error_code}, {"message", job.error_message.value_or("")}};
  }
  return data;
}

/// A message has a limit: of a long transcript only the beginning goes along.
void add_text(json::object& data, const std::string& text) {
  std::size_t size = cut_size(text, kTextSizeMax);
  // Characters that JSON escapes may be many.
  while (size > 0 && json::serialize(json::string(text.substr(0, size))).size() > kTextSizeMax) {
    size = cut_size(text, size / 2);
  }
  data["text"] = text.substr(0, size);
  data["text_is_complete"] = size == text.size();
}

Status announce(jobs::Queue& queue, store::Connection& sql, OutboxEvent event,
                const std::vector<store::WebhookRecord>& webhooks) {
  const std::string event_id = "msg_" + queue.new_id();
  for (const store::WebhookRecord& webhook : webhooks) {
    const bool is_wanted = webhook.events.empty() ||
                           std::ranges::find(webhook.events, event.type) != webhook.events.end();
    if (is_wanted) KATIP_TRY(put_into_outbox(queue, sql, webhook, event, event_id));
  }
  return {};
}

}  // namespace

Status announce_job(jobs::Queue& queue, store::Connection& sql, std::string_view job_row_id) {
  const auto job = KATIP_TRY(store::find_job(sql, job_row_id));
  if (!job || job->status == store::JobStatus::kQueued ||
      job->status == store::JobStatus::kProcessing) {
    return {};
  }
  const auto webhooks = KATIP_TRY(store::webhooks_of(sql, job->submitted_by.value_or(kOpenOwner)));
  if (webhooks.empty()) return {};
  OutboxEvent event{.type = fmt::format("job.{}", store::name(job->status)),
                    .data = job_data(*job),
                    .job_row_id = job->id,
                    .request_id = KATIP_TRY(store::request_of_job(sql, job->id))};
  if (job->status == store::JobStatus::kCompleted) {
    const auto transcript = KATIP_TRY(store::find_transcript(sql, job->id));
    add_text(event.data, transcript ? transcript->text : "");
  }
  return announce(queue, sql, std::move(event), webhooks);
}

Status announce_feedback(jobs::Queue& queue, store::Connection& sql, const FeedbackNews& news) {
  const auto job = KATIP_TRY(store::find_job(sql, news.job_row_id));
  if (!job) return {};
  const auto webhooks = KATIP_TRY(store::webhooks_of(sql, job->submitted_by.value_or(kOpenOwner)));
  if (webhooks.empty()) return {};
  OutboxEvent event{.type = "feedback.created",
                    .data = {{"feedback_id", news.feedback_id},
                             {"job_id", job->job_id},
                             {"feedback_type", news.feedback_type},
                             {"reviewer", or_null(news.reviewer)},
                             {"accuracy_score", or_null(news.accuracy_score)}},
                    .job_row_id = job->id,
                    .request_id = news.request_id};
  return announce(queue, sql, std::move(event), webhooks);
}

jobs::JobsEnded webhook_listener() {
  return [](jobs::Queue& queue, store::Connection& sql,
            std::span<const std::string> job_ids) -> Status {
    for (const std::string& id : job_ids) KATIP_TRY(announce_job(queue, sql, id));
    return {};
  };
}

}  // namespace katip::app
