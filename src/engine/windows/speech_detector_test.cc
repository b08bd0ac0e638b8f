#include "engine/windows/speech_detector.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::engine {
namespace {

constexpr std::int64_t kFrame = 512;

std::vector<SpeechFrame> frames_of(const std::vector<float>& probabilities, float power = 0.01f) {
  std::vector<SpeechFrame> frames;
  for (const float probability : probabilities) frames.push_back({probability, power});
  return frames;
}

// Makes one span of parts that touch.
std::vector<SpeechSpan> joined(const std::vector<SpeechSpan>& parts) {
  std::vector<SpeechSpan> spans;
  for (const SpeechSpan& part : parts) {
    if (!spans.empty() && spans.back().end == part.start) {
      spans.back().end = part.end;
    } else {
      spans.push_back(part);
    }
  }
  return spans;
}

std::vector<SpeechSpan> detect(const std::vector<SpeechFrame>& frames,
                               const SpeechOptions& options) {
  SpeechDetector detector(options);
  std::vector<SpeechSpan> spans = detector.push(frames);
  const auto rest = detector.finish(static_cast<std::int64_t>(frames.size()) * kFrame);
  spans.insert(spans.end(), rest.begin(), rest.end());
  return joined(spans);
}

const SpeechOptions kPlain = {.speech_ms_min = 0, .silence_ms_min = 100};

TEST(SpeechDetector, NoFramesAreNoSpeech) { EXPECT_THAT(detect({}, kPlain), testing::IsEmpty()); }

TEST(SpeechDetector, SpeechBeginsAtTheThresholdAndEndsBelowTheLowerOne) {
  // 0.4 is between the thresholds: it neither begins speech nor ends it.
  const auto frames = frames_of({0.4f, 0.5f, 0.4f, 0.4f, 0.9f, 0.34f, 0.1f, 0.1f, 0.1f, 0.1f});
  EXPECT_THAT(detect(frames, kPlain), testing::ElementsAre(SpeechSpan{kFrame, 5 * kFrame}));
}

TEST(SpeechDetector, AShortPauseDoesNotEndSpeech) {
  const auto frames = frames_of({0.9f, 0.1f, 0.1f, 0.1f, 0.9f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.9f});
  EXPECT_THAT(detect(frames, kPlain), testing::ElementsAre(SpeechSpan{0, 5 * kFrame},
                                                           SpeechSpan{10 * kFrame, 11 * kFrame}));
}

TEST(SpeechDetector, ShortSpeechIsNone) {
  const auto frames = frames_of({0.9f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.9f, 0.9f, 0.9f, 0.1f});
  const SpeechOptions options = {.speech_ms_min = 90};
  EXPECT_THAT(detect(frames, options), testing::ElementsAre(SpeechSpan{6 * kFrame, 9 * kFrame}));
}

TEST(SpeechDetector, NearSilenceIsNoSpeechWhateverTheNetworkSays) {
  const std::vector<float> sure(30, 0.99f);
  EXPECT_THAT(detect(frames_of(sure, 1e-7f), {}), testing::IsEmpty());
  EXPECT_THAT(detect(frames_of(sure, 1e-6f), {}), testing::SizeIs(1));
}

TEST(SpeechDetector, AQuietPartOfSpeechBelongsToIt) {
  auto frames = frames_of(std::vector<float>(20, 0.9f));
  for (std::size_t i = 8; i < 15; ++i) frames[i].power = 0.0f;
  frames[0].power = 0.0f;
  EXPECT_THAT(detect(frames, kPlain), testing::ElementsAre(SpeechSpan{kFrame, 20 * kFrame}));
}

TEST(SpeechDetector, SpeechAtTheEndEndsWithTheFile) {
  SpeechDetector detector(kPlain);
  const auto parts = detector.push(frames_of({0.1f, 0.9f, 0.9f}));
  EXPECT_THAT(parts, testing::ElementsAre(SpeechSpan{kFrame, 3 * kFrame}));
  EXPECT_THAT(detector.finish(3 * kFrame), testing::IsEmpty());
}

TEST(SpeechDetector, LongSpeechIsHandedOutInParts) {
  SpeechDetector detector(kPlain);
  EXPECT_EQ(detector.decided_end(), 0);
  EXPECT_THAT(detector.push(frames_of({0.9f, 0.9f})),
              testing::ElementsAre(SpeechSpan{0, 2 * kFrame}));
  EXPECT_EQ(detector.decided_end(), 2 * kFrame);
  EXPECT_THAT(detector.push(frames_of({0.1f, 0.1f})), testing::IsEmpty());
  EXPECT_EQ(detector.decided_end(), 2 * kFrame) << "the pause may still be one within speech";
  EXPECT_THAT(detector.push(frames_of({0.9f})),
              testing::ElementsAre(SpeechSpan{2 * kFrame, 5 * kFrame}));
  EXPECT_THAT(detector.push(frames_of({0.1f, 0.1f, 0.1f, 0.1f, 0.1f})), testing::IsEmpty());
  EXPECT_EQ(detector.decided_end(), 10 * kFrame);
}

TEST(SpeechDetector, AnyCutOfTheStreamGivesTheSameSpans) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    std::vector<SpeechFrame> frames;
    float probability = 0.0f;
    for (int i = 0; i < 300; ++i) {
      if (random() % 4 == 0) probability = static_cast<float>(random() % 100) / 100.0f;
      frames.push_back({probability, random() % 20 == 0 ? 0.0f : 0.01f});
    }
    SpeechDetector detector({});
    std::vector<SpeechSpan> spans;
    for (std::span<const SpeechFrame> rest = frames; !rest.empty();) {
      const std::size_t count = std::min<std::size_t>(rest.size(), 1 + random() % 40);
      for (const SpeechSpan& span : detector.push(rest.first(count))) spans.push_back(span);
      if (!spans.empty()) {
        EXPECT_LE(spans.back().end, detector.decided_end());
      }
      rest = rest.subspan(count);
    }
    for (const SpeechSpan& span : detector.finish(300 * kFrame)) spans.push_back(span);
    EXPECT_EQ(joined(spans), detect(frames, {}));
  }
}

TEST(SpeechOptions, AreChecked) {
  EXPECT_TRUE(SpeechOptions{}.validate());
  EXPECT_FALSE((SpeechOptions{.threshold = 1.5f}.validate()));
  EXPECT_FALSE((SpeechOptions{.threshold = 0.5f, .threshold_off = 0.6f}.validate()));
  EXPECT_FALSE((SpeechOptions{.speech_ms_min = -1}.validate()));
  EXPECT_FALSE((SpeechOptions{.silence_ms_min = 99'999}.validate()));
  EXPECT_FALSE((SpeechOptions{.level_db_min = 3.0f}.validate()));
}

}  // namespace
}  // namespace katip::engine
