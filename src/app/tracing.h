#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "jobs/handler.h"
#include "remote/trace_exporter.h"
#include "store/task_store.h"

/// Requests, tasks and transcriptions as spans of traces. The trace of a task is that of the
/// request that it came from, as the request id says; see base/trace_context.h.
namespace katip::app {

using SpanFigures = std::vector<std::pair<std::string, std::int64_t>>;

struct RequestSpan {
  std::string_view request_id;
  std::string_view traceparent;  ///< As it came; empty or nonsense: nobody has begun a trace.
  std::string_view method;
  std::string_view route;  ///< As declared.
  int status = 0;
  std::chrono::microseconds duration{0};
};

/// Threads:  thread-safe; never waits.
/// Lifetime: exporter and clock outlive it.
class Tracing {
 public:
  Tracing(remote::TraceExporter& exporter, const Clock& clock)
      : exporter_(exporter), clock_(clock) {}

  /// It has just been answered.
  void on_request(const RequestSpan& request);
  /// An attempt has just ended.
  void on_task(const store::ClaimedTask& task, std::chrono::microseconds duration,
               std::string_view error_code);
  /// A part of an attempt that has just ended: "transcription".
  void on_part(const store::ClaimedTask& task, std::string name, std::chrono::microseconds duration,
               SpanFigures figures, bool is_failed);

 private:
  remote::TraceExporter& exporter_;
  const Clock& clock_;
};

/// The numbers of a transcription's result: docs/formats/transcription-task.md.
SpanFigures figures_in(const jobs::TaskResult& result);

/// The header `traceparent` for what is sent on behalf of a request.
std::string traceparent_of(std::string_view request_id, std::string_view task_id);

}  // namespace katip::app
