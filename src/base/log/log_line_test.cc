#include "base/log/log_line.h"

#include <limits>
#include <random>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::log {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string json(std::string_view message, std::initializer_list<LogField> fields,
                 const LogContext& context = {}) {
  return json_line({.time = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} +
                            std::chrono::milliseconds(43'200'123),
                    .level = LogLevel::kWarning,
                    .logger = "jobs",
                    .message = message,
                    .context = &context,
                    .fields = fields,
                    .pid = 7});
}

boost::json::object parsed(const std::string& line) { return boost::json::parse(line).as_object(); }

TEST(JsonLine, IsOneObjectInAFixedOrder) {
  EXPECT_EQ(json("task failed", {{"attempt", 2}, {"error", "TIMEOUT"}},
                 {.request_id = "r1", .task_id = "t1"}),
            R"({"ts":"2026-03-01T12:00:00.123Z","level":"WARNING","logger":"jobs",)"
            R"("message":"task failed","request_id":"r1","task_id":"t1","pid":7,)"
            R"("attempt":2,"error":"TIMEOUT"})");
}

TEST(JsonLine, KeepsTypes) {
  const auto line = parsed(json("m", {{"yes", true},
                                      {"whole", std::int64_t{-9'007'199'254'740'993}},
                                      {"large", std::numeric_limits<std::uint64_t>::max()},
                                      {"real", 0.1},
                                      {"none", std::nan("")},
                                      {"endless", -std::numeric_limits<double>::infinity()}}));
  EXPECT_EQ(line.at("yes"), true);
  EXPECT_EQ(line.at("whole"), std::int64_t{-9'007'199'254'740'993});
  EXPECT_EQ(line.at("large"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(line.at("real"), 0.1);
  EXPECT_EQ(line.at("none"), "NaN");
  EXPECT_EQ(line.at("endless"), "-Infinity");
}

TEST(JsonLine, NobodyCanEndALineOrSpeakToATerminal) {
  const std::string hostile =
      "a\r\n{\"level\":\"INFO\"}\t\x1b[31m\x1b]0;title\x07\x7f\xc2\x9b\"\\\xe2\x80\xae\xe2\x80\xa8"
      "\xef\xbb\xbf çalış 😀";
  for (const std::string& line : {json(hostile, {}), json("m", {{"f", hostile}}),
                                  json("m", {{hostile, 1}}), json("m", {}, {.job_id = hostile})}) {
    for (const char c : line) EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7F);
    EXPECT_EQ(line.find("\xc2\x9b"), line.npos);
    EXPECT_EQ(line.find("\xe2\x80\xae"), line.npos);
    EXPECT_THAT(line, HasSubstr("çalış 😀"));
  }
  EXPECT_EQ(parsed(json(hostile, {})).at("message").as_string(), hostile)
      << "nothing of it is lost";
}

TEST(JsonLine, BytesThatAreNotUtf8AreReplaced) {
  for (const char* wrong : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                            "\xe2\x28\xa1", "\x80", "\xf0\x9f\x98"}) {
    const auto line = parsed(json(std::string("a") + wrong, {}));
    EXPECT_THAT(std::string(line.at("message").as_string()), StartsWith("a\xef\xbf\xbd")) << wrong;
  }
}

TEST(JsonLine, LongTextsAreCutBetweenCharacters) {
  std::string text = "x";
  while (text.size() < 100'000) text += "ğ";
  const std::string line = json("m", {{"text", text}});
  EXPECT_LT(line.size(), 8'500U);
  const auto shown = std::string(parsed(line).at("text").as_string());
  EXPECT_THAT(shown, StartsWith("xğğğ"));
  EXPECT_THAT(shown, HasSubstr("… (cut, 100001 bytes)"));
}

TEST(JsonLine, NoFieldHidesWhatALineIs) {
  const std::string line = json("m",
                                {{"level", "INFO"},
                                 {"ts", "never"},
                                 {"message", "x"},
                                 {"request_id", "mine"},
                                 {"twice", 1},
                                 {"twice", 2}},
                                {.request_id = "of the thread"});
  EXPECT_EQ(parsed(line).at("level"), "WARNING");
  EXPECT_EQ(parsed(line).at("field_level"), "INFO");
  EXPECT_EQ(parsed(line).at("field_ts"), "never");
  EXPECT_EQ(parsed(line).at("request_id"), "mine");
  EXPECT_EQ(parsed(line).at("twice"), 1);
  EXPECT_EQ(line.find("twice"), line.rfind("twice"));
}

TEST(JsonLine, AnyBytesGiveJson) {
  std::mt19937 random(5);
  for (int round = 0; round < 3'000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random() % 3 == 0 ? 0xC0 + random() % 64 : random());
    boost::system::error_code wrong;
    const std::string line = json(text, {{text, text}}, {.request_id = text});
    boost::json::parse(line, wrong);
    ASSERT_FALSE(wrong) << round << ": " << line;
  }
}

TEST(TextLine, IsForPeople) {
  const LogField fields[] = {{"attempt", 2}, {"file", "a b.mp3"}, {"code", "X"}, {"none", ""}};
  const LogContext context{.request_id = "r1"};
  const Line line{.time = std::chrono::system_clock::time_point(std::chrono::milliseconds(61'005)),
                  .level = LogLevel::kError,
                  .logger = "jobs",
                  .message = "task failed\nINFO",
                  .context = &context,
                  .fields = fields};
  EXPECT_EQ(text_line(line, false),
            "00:01:01.005 ERROR    jobs: task failed\\nINFO attempt=2 file=\"a b.mp3\" code=X "
            "none=\"\" request_id=r1");
  EXPECT_THAT(text_line(line, true), HasSubstr("\x1b[31;1mERROR"));
}

TEST(Timestamp, HasMillisecondsAndAnyYear) {
  using std::chrono::system_clock;
  EXPECT_EQ(timestamp(system_clock::time_point()), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(timestamp(system_clock::time_point(std::chrono::milliseconds(-1))),
            "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace katip::log
