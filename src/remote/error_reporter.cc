#include "remote/error_reporter.h"

#include <algorithm>
#include <memory>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/event_counters.h"
#include "remote/telemetry_http.h"

/// Tested by telemetry_test.cc, and with a receiver by tests/e2e/test_telemetry.py.
namespace katip::remote {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::size_t kKindCountMax = 1'000;  // Of those that are remembered.

bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace

Result<ErrorReporter::Target> ErrorReporter::target_of(const std::string& dsn) {
  const auto wrong = [] {
    return fail(ErrorCode::kInvalidArgument,
                "SENTRY_DSN is https://PUBLIC_KEY@HOST/PROJECT, as the project's settings show it");
  };
  const std::size_t scheme_end = dsn.find("://");
  const std::size_t at = dsn.find('@');
  const std::size_t slash = dsn.rfind('/');
  const bool has_parts = scheme_end != dsn.npos && at != dsn.npos && slash != dsn.npos &&
                         at > scheme_end && slash > at + 1;
  if (!has_parts) return wrong();
  const std::string scheme = dsn.substr(0, scheme_end);
  // Old ones have a secret behind a colon, which nobody needs any more.
  std::string key = dsn.substr(scheme_end + 3, at - scheme_end - 3);
  key = key.substr(0, key.find(':'));
  const std::string host_and_path = dsn.substr(at + 1, slash - at - 1);
  const std::string project = dsn.substr(slash + 1);
  const std::size_t path = std::min(host_and_path.find('/'), host_and_path.size());
  const bool is_good =
      (scheme == "http" || scheme == "https") && is_plain(key) && is_plain(project) && path > 0;
  if (!is_good) return wrong();
  return Target{
      .url = fmt::format("{}://{}{}/api/{}/envelope/", scheme, host_and_path.substr(0, path),
                         host_and_path.substr(path), project),
      .key = key};
}

Result<std::unique_ptr<ErrorReporter>> ErrorReporter::create(ErrorReporterOptions options,
                                                             const Clock& clock, Rng& rng) {
  Parts parts{std::move(options), {}, clock, rng};
  parts.target = KATIP_TRY(target_of(parts.options.dsn.reveal()));
  return std::unique_ptr<ErrorReporter>(new ErrorReporter(std::move(parts)));
}

ErrorReporter::ErrorReporter(Parts parts)
    : options_(std::move(parts.options)),
      target_(std::move(parts.target)),
      clock_(parts.clock),
      rng_(parts.rng),
      client_(telemetry_http(options_.ca_file, parts.clock)),
      outbox_(options_.queue_size_max) {}

/// Not the same again and again, and not too many at all: what breaks, breaks for everybody.
bool ErrorReporter::is_allowed(const ErrorReport& report, int& left_out_count) {
  std::string kind = report.logger + "\n" + report.message;
  for (const auto& [name, value] : report.tags) {
    if (name == "error_code" || name == "kind") kind += "\n" + value;
  }
  const auto now = clock_.now();
  return limits_.with_lock([&](Limits& limits) {
    while (!limits.recent.empty() && now - limits.recent.front() >= 1min) {
      limits.recent.pop_front();
    }
    if (limits.same.size() >= kKindCountMax) limits.same.clear();
    const auto known = limits.same.find(kind);
    if (known != limits.same.end() && now - known->second.first < options_.same_again_after) {
      ++known->second.second;
      return false;
    }
    if (std::ssize(limits.recent) >= options_.per_minute_max) return false;
    left_out_count = known == limits.same.end() ? 0 : known->second.second;
    limits.recent.push_back(now);
    limits.same[kind] = {now, 0};
    return true;
  });
}

void ErrorReporter::report(ErrorReport report) {
  int left_out_count = 0;
  if (!is_allowed(report, left_out_count)) {
    count_event("error_reports_dropped_total");
    return;
  }
  if (left_out_count > 0) report.tags.emplace_back("left_out", std::to_string(left_out_count));
  report.at = clock_.calendar();
  if (!outbox_.put(std::move(report))) count_event("error_reports_dropped_total");
}

std::string ErrorReporter::envelope_of(const ErrorReport& report) {
  const std::string id = fmt::format("{:016x}{:016x}", rng_.next(), rng_.next());
  json::object tags;
  for (const auto& [name, value] : report.tags) tags[name] = value.substr(0, 200);
  const json::object event{{"event_id", id},
                           {"timestamp", utc_timestamp(report.at)},
                           {"platform", "native"},
                           {"level", report.level},
                           {"logger", report.logger},
                           {"server_name", options_.host_name},
                           {"release", options_.release},
                           {"environment", options_.environment},
                           {"message", json::object{{"formatted", report.message}}},
                           {"tags", std::move(tags)}};
  return json::serialize(json::object{{"event_id", id}, {"sent_at", utc_timestamp(report.at)}}) +
         "\n" + json::serialize(json::object{{"type", "event"}}) + "\n" + json::serialize(event) +
         "\n";
}

void ErrorReporter::run(std::stop_token stop) {
  while (true) {
    const std::vector<ErrorReport> reports = outbox_.take(1, 0ms, stop);
    if (reports.empty() && stop.stop_requested()) return;
    for (const ErrorReport& report : reports) {
      const auto response = client_.send(
          {.url = target_.url,
           .method = Method::kPost,
           .body = envelope_of(report),
           .header_lines = {"Content-Type: application/x-sentry-envelope",
                            fmt::format("X-Sentry-Auth: Sentry sentry_version=7, sentry_key={}, "
                                        "sentry_client={}",
                                        target_.key, options_.release)}},
          {});
      const bool is_sent = response && response->status < 300;
      count_event(is_sent ? "error_reports_sent_total" : "error_reports_dropped_total");
    }
  }
}

}  // namespace katip::remote
