#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "remote/http_client.h"
#include "remote/outbox.h"

namespace katip::remote {

enum class SpanKind { kInternal = 1, kServer = 2, kClient = 3, kConsumer = 5 };

/// A piece of work with a begin and an end. Never what people said, and no keys.
struct Span {
  std::string trace_id;
  std::string span_id;
  std::string parent_span_id = {};
  std::string name = {};  ///< A fixed phrase: a route, a kind of task.
  SpanKind kind = SpanKind::kInternal;
  std::chrono::system_clock::time_point begins_at = {};
  std::chrono::system_clock::time_point ends_at = {};
  std::vector<std::pair<std::string, std::variant<std::string, std::int64_t, double>>> attributes =
      {};
  bool is_failed = false;
};

struct TraceExporterOptions {
  std::string endpoint = {};  ///< "http://collector:4318"; "/v1/traces" is added.
  Secret headers = {};        ///< "name=value,name=value", for a collector that asks for a key.
  std::string service_version = {};
  std::string host_name = {};
  std::filesystem::path ca_file = {};
  std::size_t queue_size_max = 4'096;         ///< Spans that wait; more are dropped, and counted.
  std::chrono::milliseconds interval{2'000};  ///< How long a span waits for others.
};

/// Sends spans to a collector by OTLP over HTTP, as JSON, in batches. What cannot be sent is tried
/// once more and then dropped: traces are no reason to wait.
///
/// Counts:  otel_spans_sent_total, otel_spans_dropped_total in base/event_counters.h.
/// Threads: thread-safe.
/// Source:  OpenTelemetry Protocol 1.5, "OTLP/HTTP" and its JSON mapping.
class TraceExporter {
 public:
  TraceExporter(TraceExporterOptions options, const Clock& clock);

  void put(Span span);
  /// Sends until it is stopped, and then what is left, for a few seconds at most.
  void run(std::stop_token stop);

 private:
  bool send(const std::vector<Span>& spans, std::stop_token stop);

  const TraceExporterOptions options_;
  const Clock& clock_;
  HttpClient client_;
  Outbox<Span> outbox_;
};

/// The body of a request. Exposed for tests.
std::string to_otlp_json(const std::vector<Span>& spans, const TraceExporterOptions& options);

}  // namespace katip::remote
