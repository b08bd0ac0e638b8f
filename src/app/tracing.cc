#include "app/tracing.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/trace_context.h"

/// Tested by tracing_test.cc and tests/e2e/test_telemetry.py.
namespace katip::app {
namespace {

std::string task_span_id(const store::ClaimedTask& task) {
  return span_id_of("task", fmt::format("{}/{}", task.key.id, task.key.token));
}

/// A task that nobody asked for is a trace of its own.
std::string trace_id_of(const store::ClaimedTask& task) {
  return katip::trace_id_of(task.request_id.value_or("task " + task.key.id));
}

}  // namespace

void Tracing::on_request(const RequestSpan& request) {
  const auto parent = parse_traceparent(request.traceparent);
  if (parent && !parent->is_sampled) return;
  const auto now = clock_.calendar();
  exporter_.put({.trace_id = parent ? parent->trace_id : katip::trace_id_of(request.request_id),
                 .span_id = span_id_of("request", request.request_id),
                 .parent_span_id = parent ? parent->span_id : "",
                 .name = fmt::format("{} {}", request.method, request.route),
                 .kind = remote::SpanKind::kServer,
                 .begins_at = now - request.duration,
                 .ends_at = now,
                 .attributes = {{"http.request.method", std::string(request.method)},
                                {"http.route", std::string(request.route)},
                                {"http.response.status_code", std::int64_t{request.status}},
                                {"katip.request_id", std::string(request.request_id)}},
                 .is_failed = request.status >= 500});
}

void Tracing::on_task(const store::ClaimedTask& task, std::chrono::microseconds duration,
                      std::string_view error_code) {
  const auto now = clock_.calendar();
  remote::Span span{
      .trace_id = trace_id_of(task),
      .span_id = task_span_id(task),
      .parent_span_id = task.request_id ? span_id_of("request", *task.request_id) : "",
      .name = task.kind,
      .kind = remote::SpanKind::kConsumer,
      .begins_at = now - duration,
      .ends_at = now,
      .attributes = {{"katip.task_id", task.key.id},
                     {"katip.queue", task.queue},
                     {"katip.attempt", std::int64_t{task.attempt}},
                     {"katip.request_id", task.request_id.value_or("")},
                     {"katip.job_id", task.job_id.value_or("")}},
      .is_failed = !error_code.empty()};
  if (!error_code.empty()) span.attributes.emplace_back("error.type", std::string(error_code));
  exporter_.put(std::move(span));
}

void Tracing::on_part(const store::ClaimedTask& task, std::string name,
                      std::chrono::microseconds duration, SpanFigures figures, bool is_failed) {
  const auto now = clock_.calendar();
  remote::Span span{.trace_id = trace_id_of(task),
                    .span_id = span_id_of(name, task_span_id(task)),
                    .parent_span_id = task_span_id(task),
                    .name = std::move(name),
                    .begins_at = now - duration,
                    .ends_at = now,
                    .is_failed = is_failed};
  for (auto& [key, value] : figures) span.attributes.emplace_back(std::move(key), value);
  exporter_.put(std::move(span));
}

SpanFigures figures_in(const jobs::TaskResult& result) {
  SpanFigures figures;
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(result.json.value_or("{}"), error);
  if (error || !value.is_object()) return figures;
  // By name: a result may have text too, which does not belong here.
  for (const char* name : {"duration_ms", "speech_ms", "processing_ms", "queue_wait_ms",
                           "window_count", "resumed_window_count", "segment_count"}) {
    const boost::json::value* number = value.get_object().if_contains(name);
    if (number == nullptr || !number->is_number()) continue;
    figures.emplace_back(std::string("katip.") + name, number->to_number<std::int64_t>());
  }
  return figures;
}

std::string traceparent_of(std::string_view request_id, std::string_view task_id) {
  return to_traceparent(
      {.trace_id = katip::trace_id_of(request_id), .span_id = span_id_of("webhook", task_id)});
}

}  // namespace katip::app
