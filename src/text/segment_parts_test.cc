#include "text/segment_parts.h"

#include <gtest/gtest.h>

namespace katip::text {
namespace {

Segment segment() {
  return {.start_ms = 1000,
          .end_ms = 4000,
          .text = "Toplantı kubernetis ile başladı.",
          .tokens = {1, 2, 3},
          .average_log_probability = -0.5f,
          .words = {{1000, 1600, " Toplantı", 0.9f},
                    {1700, 2500, " kubernetis", 0.4f},
                    {2600, 2800, " ile", 0.8f},
                    {2800, 3900, " başladı.", 0.7f}},
          .speaker = "Ayşe"};
}

std::string shown(const Segment& segment) {
  std::string text = std::to_string(segment.start_ms) + "-" + std::to_string(segment.end_ms) + " " +
                     segment.text + " |";
  for (const Word& word : segment.words) {
    text += word.text + "=" + std::to_string(word.start_ms) + "-" + std::to_string(word.end_ms);
  }
  return text;
}

std::string split(const Segment& segment, std::string_view before) {
  const auto parts = split_segment(segment, before.size(), "tr");
  if (!parts) return parts.error().message;
  return shown(parts->first) + "\n" + shown(parts->second);
}

TEST(SegmentPartsTest, WordsGoWithTheirSideAndGiveTheTimes) {
  const std::string expected =
      "1000-2500 Toplantı kubernetis | Toplantı=1000-1600 kubernetis=1700-2500\n"
      "2600-4000 ile başladı. | ile=2600-2800 başladı.=2800-3900";
  EXPECT_EQ(split(segment(), "Toplantı kubernetis"), expected);
  EXPECT_EQ(split(segment(), "Toplantı kubernetis "), expected) << "the blank belongs to nobody";
  const auto parts = split_segment(segment(), std::string_view("Toplantı").size(), "tr");
  ASSERT_TRUE(parts);
  for (const Segment& part : {parts->first, parts->second}) {
    EXPECT_EQ(part.speaker, "Ayşe");
    EXPECT_TRUE(part.tokens.empty()) << "they are of the whole";
    EXPECT_FLOAT_EQ(part.average_log_probability, -0.5f);
  }
}

TEST(SegmentPartsTest, AWordThatIsCutSharesItsTime) {
  EXPECT_EQ(split(segment(), "Toplantı kuber"),
            "1000-2100 Toplantı kuber | Toplantı=1000-1600 kuber=1700-2100\n"
            "2100-4000 netis ile başladı. |netis=2100-2500 ile=2600-2800 başladı.=2800-3900");
}

TEST(SegmentPartsTest, WithoutWordsTheTimeFollowsTheLength) {
  EXPECT_EQ(split({.start_ms = 1000, .end_ms = 2000, .text = "bir ikiikiiki"}, "bir"),
            "1000-1250 bir |\n1250-2000 ikiikiiki |");
}

TEST(SegmentPartsTest, WordsThatDoNotFitTheTextAreLaidOverIt) {
  Segment other = segment();
  other.text = "Toplantı başladı.";
  EXPECT_EQ(split(other, "Toplantı"),
            "1000-1600 Toplantı | Toplantı=1000-1600\n2800-4000 başladı. | başladı.=2800-3900");
}

TEST(SegmentPartsTest, BothPartsLastAndStayInside) {
  const Segment still{.start_ms = 10,
                      .end_ms = 12,
                      .text = "a b",
                      .words = {{10, 12, " a", 1.0f}, {12, 12, " b", 1.0f}}};
  EXPECT_EQ(split(still, "a"), "10-11 a | a=10-11\n11-12 b | b=12-12");
}

TEST(SegmentPartsTest, WhereNothingCanBeCutItSaysSo) {
  const std::string message = "there is no text on one side of the cut";
  EXPECT_EQ(split(segment(), ""), message);
  EXPECT_EQ(split(segment(), segment().text), message);
  EXPECT_EQ(split({.end_ms = 1000, .text = ""}, ""), message);
  EXPECT_NE(split(segment(), "Toplant\xC4").find("between two characters"), std::string::npos);
  EXPECT_NE(split(segment(), std::string(99, 'x')).find("`at`"), std::string::npos);
  EXPECT_EQ(split({.start_ms = 5, .end_ms = 6, .text = "a b"}, "a"),
            "the segment is too short to be cut");
}

TEST(SegmentPartsTest, WhatWasSplitAndMergedIsAsItWas) {
  for (const std::string_view before :
       {"Toplantı", "Toplantı kubernetis", "Toplantı kubernetis ile"}) {
    const auto parts = split_segment(segment(), before.size(), "tr");
    ASSERT_TRUE(parts);
    const Segment whole = merged_segment(parts->first, parts->second);
    EXPECT_EQ(shown(whole), shown(segment()));
    EXPECT_EQ(whole.speaker, "Ayşe");
    EXPECT_FLOAT_EQ(whole.average_log_probability, -0.5f);
  }
}

TEST(SegmentPartsTest, MergingJoinsAsTheFullTextDoes) {
  const Segment first{.end_ms = 1000, .text = "今日は", .words = {{0, 1000, "今日は", 1.0f}}};
  const Segment second{
      .start_ms = 1500, .end_ms = 2000, .text = "雨", .words = {{1500, 2000, " 雨"}}};
  EXPECT_EQ(shown(merged_segment(first, second)), "0-2000 今日は雨 |今日は=0-1000雨=1500-2000");
}

TEST(SegmentPartsTest, MergingTakesTheMeansAndTheFirstSpeaker) {
  const Segment first{.end_ms = 3000,
                      .text = "a",
                      .tokens = {1},
                      .temperature = 0.2f,
                      .average_log_probability = -1.0f,
                      .words = {{0, 3000, " a", 1.0f, "A"}},
                      .speaker = "A"};
  const Segment second{.start_ms = 3000,
                       .end_ms = 4000,
                       .text = "b",
                       .tokens = {2},
                       .average_log_probability = -0.2f,
                       .words = {{3000, 4000, " b", 1.0f, "B"}},
                       .speaker = "B"};
  const Segment whole = merged_segment(first, second);
  EXPECT_EQ(whole.speaker, "A");
  EXPECT_EQ(whole.words[1].speaker, "") << "the words follow the segment";
  EXPECT_EQ(whole.tokens, (std::vector{1, 2}));
  EXPECT_FLOAT_EQ(whole.temperature, 0.2f);
  EXPECT_FLOAT_EQ(whole.average_log_probability, -0.8f);
  Segment silent = first;
  silent.speaker.clear();
  EXPECT_EQ(merged_segment(silent, second).speaker, "B");
}

TEST(SegmentPartsTest, WordsOfOneSideOnlyAreNotTakenForAll) {
  Segment plain = segment();
  plain.words.clear();
  plain.end_ms = 5000;
  const Segment whole = merged_segment(segment(), plain);
  EXPECT_TRUE(whole.words.empty());
  EXPECT_EQ(whole.end_ms, 5000);
}

}  // namespace
}  // namespace katip::text
