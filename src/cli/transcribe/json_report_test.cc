#include "cli/transcribe/json_report.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace katip::cli {
namespace {

namespace json = boost::json;

const Input kInput{.kind = InputKind::kFile, .name = "a \"b\".wav", .path = "a.wav", .stem = "a"};

TEST(JsonLine, IsOneLineOfJsonForEveryOutcome) {
  for (const Outcome outcome :
       {Outcome::kDone, Outcome::kSkipped, Outcome::kPartial, Outcome::kFailed}) {
    FileReport report;
    report.outcome = outcome;
    report.seconds = 1.5;
    report.outputs = {"out/a.txt"};
    report.result.error = Error{ErrorCode::kNotFound, "line\nbreak"};
    report.result.transcript.segments.push_back({.end_ms = 1000, .text = "Hi \"you\""});
    const auto line = json_line(kInput, report);
    ASSERT_TRUE(line) << line.error().message;
    EXPECT_EQ(line->find('\n'), line->size() - 1);
    const json::object object = json::parse(*line).as_object();
    EXPECT_EQ(object.at("file").as_string(), "a \"b\".wav");
    EXPECT_EQ(object.at("error").at("code").as_string(), "NOT_FOUND");
    const bool has_text = outcome == Outcome::kDone || outcome == Outcome::kPartial;
    EXPECT_EQ(object.contains("transcript"), has_text);
    if (has_text) {
      EXPECT_EQ(object.at("wall_ms").as_int64(), 1500);
      EXPECT_EQ(object.at("transcript").at("text").as_string(), "Hi \"you\"");
    }
  }
}

TEST(JsonLine, HoldsATranscriptThatCouldNotBeSaved) {
  FileReport report;
  report.outcome = Outcome::kFailed;
  report.is_unsaved = true;
  report.result.error = Error{ErrorCode::kUnavailable, "No space left on device"};
  report.result.transcript.segments.push_back({.end_ms = 1000, .text = "Hi"});
  const json::value line = json::parse(json_line(kInput, report).value());
  EXPECT_EQ(line.at("status").as_string(), "failed");
  EXPECT_EQ(line.at("transcript").at("text").as_string(), "Hi");
}

TEST(JsonErrorLine, IsJson) {
  const json::value line = json::parse(json_error_line({ErrorCode::kUnavailable, "away"}));
  EXPECT_EQ(line.at("status").as_string(), "failed");
  EXPECT_EQ(line.at("error").at("message").as_string(), "away");
}

}  // namespace
}  // namespace katip::cli
