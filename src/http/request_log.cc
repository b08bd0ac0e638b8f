#include "http/request_log.h"

/// Tested by tests/e2e/test_serve.py.
namespace katip::http {

void RequestLog::write(const RequestRecord& record) {
  const Request& request = record.request;
  metrics_.on_request({.method = name(request.method),
                       .route = record.route == nullptr ? "" : record.route->path,
                       .status = record.status,
                       .duration = record.duration,
                       .is_patient = record.route != nullptr && !record.route->handle});
  if (tracing_ != nullptr) {
    tracing_->on_request({.request_id = request.request_id,
                          .traceparent = request.headers.get("traceparent"),
                          .method = name(request.method),
                          .route = record.route == nullptr ? "" : record.route->path,
                          .status = record.status,
                          .duration = record.duration});
  }
  const LogField fields[] = {
      {"request_id", request.request_id},
      {"method", name(request.method)},
      {"path", request.path},
      {"route", record.route == nullptr ? std::string_view() : record.route->path},
      {"status", record.status},
      {"duration_ms", static_cast<double>(record.duration.count()) / 1000},
      {"bytes", record.body_size},
      {"client", request.client_ip},
      {"principal", request.principal.name},
      {"agent", request.headers.get("User-Agent")}};
  api_.write(record.status >= 500 ? LogLevel::kWarning : LogLevel::kInfo, "request", fields);
  if (!record.problem.empty()) {
    problems_.error("a request failed inside", {{"request_id", request.request_id},
                                                {"path", request.path},
                                                {"error_message", record.problem}});
  }
}

}  // namespace katip::http
