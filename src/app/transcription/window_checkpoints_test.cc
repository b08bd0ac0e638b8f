#include "app/transcription/window_checkpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::app {
namespace {

using engine::Segment;
using engine::WindowDone;

const std::string kPrint = "a fingerprint";

/// Window number `index` of a recording of which each window has one segment.
WindowCheckpoint checkpoint(int index, int channel = 0) {
  const std::int64_t end_ms = 10'000 * (index + 1);
  return {.fingerprint = kPrint,
          .run = 3,
          .processing_ms = 100 * (index + 1),
          .channel = channel,
          .window = {
              .index = index,
              .segments =
                  {{.start_ms = end_ms - 5000,
                    .end_ms = end_ms,
                    .text = "Ayşe said",
                    .tokens = {1, 50'363},
                    .temperature = 0.2f,
                    .average_log_probability = -0.123456789f,
                    .compression_ratio = 1.1f,
                    .no_speech_probability = 1e-12f,
                    .window_start_ms = end_ms - 10'000,
                    .words = {{.start_ms = 1, .end_ms = 2, .text = " Ayşe", .probability = 0.7f}},
                    .scored_tokens = {{.bytes = " Ay\xC5", .log_probability = -0.1f},
                                      {.bytes = "\x9F", .log_probability = -2.5f}}}},
              .next = {.window_count = index + 1,
                       .window_end_ms = end_ms,
                       .segment_count = index + 1,
                       .segment_end_ms = end_ms,
                       .language = "tr",
                       .language_probability = 0.9f,
                       .previous_tokens = {7, 8}}}};
}

std::vector<store::Checkpoint> rows(int count, int channel = 0) {
  std::vector<store::Checkpoint> all;
  for (int index = 0; index < count; ++index) all.push_back(to_row(checkpoint(index, channel)));
  return all;
}

void expect_same(const WindowCheckpoint& actual, const WindowCheckpoint& expected) {
  EXPECT_EQ(actual.fingerprint, expected.fingerprint);
  EXPECT_EQ(actual.run, expected.run);
  EXPECT_EQ(actual.processing_ms, expected.processing_ms);
  EXPECT_EQ(actual.channel, expected.channel);
  EXPECT_EQ(actual.window.index, expected.window.index);
  EXPECT_EQ(actual.window.next, expected.window.next);
  ASSERT_EQ(actual.window.segments.size(), expected.window.segments.size());
  const Segment& a = actual.window.segments[0];
  const Segment& b = expected.window.segments[0];
  EXPECT_EQ(a.start_ms, b.start_ms);
  EXPECT_EQ(a.end_ms, b.end_ms);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.tokens, b.tokens);
  EXPECT_EQ(a.temperature, b.temperature);
  EXPECT_EQ(a.average_log_probability, b.average_log_probability);
  EXPECT_EQ(a.compression_ratio, b.compression_ratio);
  EXPECT_EQ(a.no_speech_probability, b.no_speech_probability);
  EXPECT_EQ(a.window_start_ms, b.window_start_ms);
  ASSERT_EQ(a.words.size(), b.words.size());
  EXPECT_EQ(a.words[0].text, b.words[0].text);
  EXPECT_EQ(a.words[0].probability, b.words[0].probability);
  ASSERT_EQ(a.scored_tokens.size(), b.scored_tokens.size());
  EXPECT_EQ(a.scored_tokens[0].bytes, b.scored_tokens[0].bytes);
  EXPECT_EQ(a.scored_tokens[1].bytes, b.scored_tokens[1].bytes);
  EXPECT_EQ(a.scored_tokens[1].log_probability, b.scored_tokens[1].log_probability);
}

TEST(WindowCheckpoints, WhatIsWrittenIsReadToTheLastBit) {
  const auto read = parse_window_checkpoint(to_row(checkpoint(4, 1)).data);
  ASSERT_TRUE(read) << read.error().message;
  expect_same(*read, checkpoint(4, 1));
}

TEST(WindowCheckpoints, ATextThatIsNoTextIsKeptByteByByte) {
  for (const std::string& bytes : {std::string("half \xC4"), std::string("nul \0 nul", 9)}) {
    WindowCheckpoint odd = checkpoint(0);
    odd.window.segments[0].text = bytes;
    odd.window.segments[0].words[0].text = bytes;
    const store::Checkpoint row = to_row(odd);
    EXPECT_FALSE(row.data.contains("\\u0000")) << "PostgreSQL refuses it";
    const auto read = parse_window_checkpoint(row.data);
    ASSERT_TRUE(read) << read.error().message;
    expect_same(*read, odd);
  }
}

TEST(WindowCheckpoints, AnyCutOrChangedByteIsAnErrorOrAnotherCheckpoint) {
  const std::string good = to_row(checkpoint(0)).data;
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_window_checkpoint(good.substr(0, size)));
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = '9';
    static_cast<void>(parse_window_checkpoint(changed));  // must not crash
  }
}

TEST(WindowCheckpoints, AMissingFieldIsNamed) {
  std::string data = to_row(checkpoint(0)).data;
  data.replace(data.find("\"segment_end_ms\""), 16, "\"segment_end_xx\"");
  const auto read = parse_window_checkpoint(data);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kCorruptData);
  EXPECT_THAT(read.error().message, testing::HasSubstr("segment_end_ms"));
}

TEST(FinishedWindows, AreThoseFromTheFirstOn) {
  const FinishedWindows none = finished_windows({}, kPrint);
  EXPECT_EQ(none.window_count(), 0U);
  EXPECT_TRUE(none.channels.empty());
  const FinishedWindows five = finished_windows(rows(5), kPrint);
  ASSERT_EQ(five.channels.size(), 1U);
  EXPECT_EQ(five.channels[0].size(), 5U);
  EXPECT_EQ(five.channels[0].back().next, checkpoint(4).window.next);
  EXPECT_EQ(five.run, 3);
  EXPECT_EQ(five.processing_ms, 500);
}

TEST(FinishedWindows, EndBeforeTheFirstThatIsMissingOrWrong) {
  std::vector<store::Checkpoint> gap = rows(5);
  gap.erase(gap.begin() + 2);
  EXPECT_EQ(finished_windows(gap, kPrint).window_count(), 2U);
  std::vector<store::Checkpoint> torn = rows(5);
  torn[3].data.resize(20);
  EXPECT_EQ(finished_windows(torn, kPrint).window_count(), 3U);
  torn[0].data = "null";
  EXPECT_EQ(finished_windows(torn, kPrint).window_count(), 0U);
  std::vector<store::Checkpoint> moved = rows(5);
  std::swap(moved[1].data, moved[2].data);
  EXPECT_EQ(finished_windows(moved, kPrint).window_count(), 1U);
  WindowCheckpoint miscounted = checkpoint(2);
  miscounted.window.next.segment_count = 7;
  std::vector<store::Checkpoint> wrong = rows(5);
  wrong[2] = to_row(miscounted);
  EXPECT_EQ(finished_windows(wrong, kPrint).window_count(), 2U);
}

TEST(FinishedWindows, OfOtherOptionsOrAnOlderRunAreNotTaken) {
  EXPECT_EQ(finished_windows(rows(5), "another").window_count(), 0U);
  std::vector<store::Checkpoint> mixed = rows(5);  // The run that began anew got to the second.
  for (int index = 0; index < 2; ++index) {
    WindowCheckpoint newer = checkpoint(index);
    newer.run = 4;
    mixed[static_cast<std::size_t>(index)] = to_row(newer);
  }
  const FinishedWindows taken = finished_windows(mixed, kPrint);
  EXPECT_EQ(taken.window_count(), 2U);
  EXPECT_EQ(taken.run, 4);
}

TEST(FinishedWindows, OfEachChannelStandByThemselves) {
  std::vector<store::Checkpoint> all = rows(3, 0);
  for (const store::Checkpoint& row : rows(2, 1)) all.push_back(row);
  const FinishedWindows taken = finished_windows(all, kPrint);
  ASSERT_EQ(taken.channels.size(), 2U);
  EXPECT_EQ(taken.channels[0].size(), 3U);
  EXPECT_EQ(taken.channels[1].size(), 2U);
}

}  // namespace
}  // namespace katip::app
