#include <thread>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/event_counters.h"
#include "base/manual_clock.h"
#include "base/scripted_server.h"
#include "remote/error_reporter.h"
#include "remote/trace_exporter.h"

namespace katip::remote {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kTaken = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

TEST(TraceExporter, SpansAreWrittenAsTheCollectorReadsThem) {
  const Span span{.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
                  .span_id = "00f067aa0ba902b7",
                  .parent_span_id = "1111111111111111",
                  .name = "GET /x",
                  .kind = SpanKind::kServer,
                  .begins_at = std::chrono::system_clock::time_point(std::chrono::seconds(1)),
                  .ends_at = std::chrono::system_clock::time_point(std::chrono::seconds(2)),
                  .attributes = {{"a", "x"}, {"b", std::int64_t{5}}, {"c", 0.5}},
                  .is_failed = true};
  EXPECT_EQ(to_otlp_json({span}, {.service_version = "1", .host_name = "h"}),
            R"({"resourceSpans":[{"resource":{"attributes":[)"
            R"({"key":"service.name","value":{"stringValue":"katip"}},)"
            R"({"key":"service.version","value":{"stringValue":"1"}},)"
            R"({"key":"host.name","value":{"stringValue":"h"}}]},)"
            R"("scopeSpans":[{"scope":{"name":"katip"},"spans":[)"
            R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7",)"
            R"("name":"GET /x","kind":2,"startTimeUnixNano":"1000000000",)"
            R"("endTimeUnixNano":"2000000000","attributes":[)"
            R"({"key":"a","value":{"stringValue":"x"}},{"key":"b","value":{"intValue":"5"}},)"
            R"({"key":"c","value":{"doubleValue":5E-1}}],)"
            R"("parentSpanId":"1111111111111111","status":{"code":2}}]}]}]})");
}

TEST(TraceExporter, WhatIsLeftIsSentAtTheEndAndWhatDoesNotFitIsCounted) {
  take_events();
  ScriptedServer server({kTaken});
  TraceExporter exporter(
      {.endpoint = server.url("/"), .headers = Secret("x-key=abc,broken,y=1"), .queue_size_max = 2},
      system_clock());
  for (int i = 0; i < 3; ++i) exporter.put({.trace_id = "t", .span_id = "s"});
  {
    std::jthread thread([&](const std::stop_token& stop) { exporter.run(stop); });
  }
  ASSERT_THAT(server.requests(), SizeIs(1));
  EXPECT_THAT(server.requests()[0], AllOf(HasSubstr("POST /v1/traces "),
                                          HasSubstr("x-key: abc\r\n"), HasSubstr("y: 1\r\n")));
  const EventCounts counts = take_events();
  EXPECT_EQ(counts.at({"otel_spans_dropped_total", ""}), 1);
  EXPECT_EQ(counts.at({"otel_spans_sent_total", ""}), 2);
}

class ErrorReporterTest : public ::testing::Test {
 protected:
  static Result<std::unique_ptr<ErrorReporter>> reporter(const std::string& dsn,
                                                         const Clock& clock) {
    return ErrorReporter::create(
        {.dsn = Secret(dsn), .release = "katip@1", .environment = "staging", .per_minute_max = 3},
        clock, system_rng());
  }
  static void run(ErrorReporter& reporter) {
    std::jthread thread([&](const std::stop_token& stop) { reporter.run(stop); });
  }
};

TEST_F(ErrorReporterTest, AReportIsAnEnvelope) {
  ScriptedServer server({kTaken});
  const std::string dsn = "http://public:old@" + server.url("/sub/42").substr(7);
  const auto errors = reporter(dsn, system_clock()).value();
  errors->report({.logger = "jobs", .message = "it broke", .tags = {{"error_code", "INTERNAL"}}});
  run(*errors);
  ASSERT_THAT(server.requests(), SizeIs(1));
  EXPECT_THAT(server.requests()[0],
              AllOf(HasSubstr("POST /sub/api/42/envelope/ "), HasSubstr("sentry_key=public,"),
                    HasSubstr(R"({"type":"event"})"), HasSubstr(R"("formatted":"it broke")"),
                    HasSubstr(R"("tags":{"error_code":"INTERNAL"})"), Not(HasSubstr("old"))));
}

TEST_F(ErrorReporterTest, TheSameAndTooManyAreLeftOut) {
  take_events();
  ManualClock clock;
  ScriptedServer server({kTaken, kTaken, kTaken, kTaken});
  const auto errors = reporter("http://k@" + server.url("/1").substr(7), clock).value();
  for (int i = 0; i < 5; ++i) errors->report({.logger = "a", .message = "same"});
  for (int i = 0; i < 5; ++i) errors->report({.logger = "a", .message = std::to_string(i)});
  clock.advance(std::chrono::minutes(6));
  errors->report({.logger = "a", .message = "same"});
  run(*errors);
  ASSERT_THAT(server.requests(), SizeIs(4));
  EXPECT_THAT(server.requests()[3], HasSubstr(R"("left_out":"4")"));
  const EventCounts counts = take_events();
  EXPECT_EQ(counts.at({"error_reports_dropped_total", ""}), 7);
  EXPECT_EQ(counts.at({"error_reports_sent_total", ""}), 4);
}

TEST_F(ErrorReporterTest, WhatIsNoDsnIsRefused) {
  for (const char* dsn : {"", "https://host/1", "ftp://k@host/1", "https://k@host", "https://@h/1",
                          "https://k@/1", "https://k k@h/1", "k@h/1"}) {
    EXPECT_FALSE(reporter(dsn, system_clock())) << dsn;
  }
}

}  // namespace
}  // namespace katip::remote
