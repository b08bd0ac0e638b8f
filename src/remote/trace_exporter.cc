#include "remote/trace_exporter.h"

#include <boost/json.hpp>

#include "base/event_counters.h"
#include "base/trimmed.h"
#include "remote/telemetry_http.h"

/// Tested by telemetry_test.cc, and with a collector by tests/e2e/test_telemetry.py.
namespace katip::remote {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::size_t kBatchSizeMax = 512;
constexpr auto kLastWords = 3s;

json::object attribute(std::string_view key, json::object value) {
  return {{"key", key}, {"value", std::move(value)}};
}

json::object attribute(std::string_view key, const std::string& text) {
  return attribute(key, json::object{{"stringValue", text}});
}

std::string nanoseconds(std::chrono::system_clock::time_point time) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

json::object to_json(const Span& span) {
  json::array attributes;
  for (const auto& [key, value] : span.attributes) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      attributes.push_back(attribute(key, *text));
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      // Whole numbers are texts in this mapping: they may not fit into those of JavaScript.
      attributes.push_back(attribute(key, json::object{{"intValue", std::to_string(*number)}}));
    } else {
      attributes.push_back(attribute(key, json::object{{"doubleValue", std::get<double>(value)}}));
    }
  }
  json::object object{{"traceId", span.trace_id},
                      {"spanId", span.span_id},
                      {"name", span.name},
                      {"kind", static_cast<int>(span.kind)},
                      {"startTimeUnixNano", nanoseconds(span.begins_at)},
                      {"endTimeUnixNano", nanoseconds(span.ends_at)},
                      {"attributes", std::move(attributes)}};
  if (!span.parent_span_id.empty()) object["parentSpanId"] = span.parent_span_id;
  object["status"] = span.is_failed ? json::object{{"code", 2}} : json::object();
  return object;
}

/// "a=b,c=d" -> "a: b", "c: d".
std::vector<std::string> header_lines(std::string_view text) {
  std::vector<std::string> lines = {"Content-Type: application/json"};
  while (!text.empty()) {
    const std::string_view pair = take_until(text, ',');
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos || equals == 0) continue;
    lines.push_back(std::string(pair.substr(0, equals)) + ": " +
                    std::string(pair.substr(equals + 1)));
  }
  return lines;
}

}  // namespace

std::string to_otlp_json(const std::vector<Span>& spans, const TraceExporterOptions& options) {
  json::array list;
  for (const Span& span : spans) list.push_back(to_json(span));
  const json::object resource{
      {"attributes", json::array{attribute("service.name", std::string("katip")),
                                 attribute("service.version", options.service_version),
                                 attribute("host.name", options.host_name)}}};
  const json::object scope{{"scope", json::object{{"name", "katip"}}}, {"spans", std::move(list)}};
  return json::serialize(json::object{
      {"resourceSpans",
       json::array{json::object{{"resource", resource}, {"scopeSpans", json::array{scope}}}}}});
}

TraceExporter::TraceExporter(TraceExporterOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      client_(telemetry_http(options_.ca_file, clock)),
      outbox_(options_.queue_size_max) {}

void TraceExporter::put(Span span) {
  if (!outbox_.put(std::move(span))) count_event("otel_spans_dropped_total");
}

void TraceExporter::run(std::stop_token stop) {
  while (true) {
    const std::vector<Span> spans = outbox_.take(kBatchSizeMax, options_.interval, stop);
    if (spans.empty() && stop.stop_requested()) return;
    if (spans.empty()) continue;
    // The last ones are sent although it was stopped; the time of a request is limited.
    const bool is_sent = send(spans, {}) || (clock_.sleep_for(kLastWords, stop) && send(spans, {}));
    count_event(is_sent ? "otel_spans_sent_total" : "otel_spans_dropped_total", "",
                static_cast<double>(spans.size()));
  }
}

bool TraceExporter::send(const std::vector<Span>& spans, std::stop_token stop) {
  std::string url = options_.endpoint;
  while (url.ends_with('/')) url.pop_back();
  const auto response = client_.send({.url = url + "/v1/traces",
                                      .method = Method::kPost,
                                      .body = to_otlp_json(spans, options_),
                                      .header_lines = header_lines(options_.headers.reveal())},
                                     std::move(stop));
  // What the collector does not want now it will not want later either.
  return response && response->status != 429 && response->status < 500;
}

}  // namespace katip::remote
