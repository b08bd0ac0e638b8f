#include "audio/decoder/timeline.h"

#include <limits>

#include <gtest/gtest.h>

namespace katip::audio {
namespace {

constexpr int64_t kSecond = 1'000'000;

TEST(Timeline, FramesThatFollowEachOtherHaveNoSilenceBetween) {
  Timeline timeline(std::nullopt, std::nullopt);
  EXPECT_EQ(timeline.silence_us(5 * kSecond, 0), 0) << "the first stamp is the origin";
  EXPECT_EQ(timeline.silence_us(6 * kSecond, kSecond), 0);
  EXPECT_EQ(timeline.silence_us(7 * kSecond + 199'000, 2 * kSecond), 0) << "jitter";
}

TEST(Timeline, AHoleIsFilled) {
  Timeline timeline(std::nullopt, std::nullopt);
  timeline.silence_us(0, 0);
  EXPECT_EQ(timeline.silence_us(4 * kSecond, kSecond), 3 * kSecond);
  EXPECT_EQ(timeline.silence_us(5 * kSecond, 5 * kSecond), 0) << "after it all is in step again";
}

TEST(Timeline, SoundThatBeginsAfterThePictureWaitsForIt) {
  Timeline timeline(0, std::nullopt);
  EXPECT_EQ(timeline.silence_us(2 * kSecond, 0), 2 * kSecond);
}

TEST(Timeline, AHoleThatCannotBeMovesTheOrigin) {
  Timeline timeline(std::nullopt, 10'000);
  timeline.silence_us(0, 0);
  EXPECT_EQ(timeline.silence_us(100 * kSecond, kSecond), 0) << "past the announced length";
  EXPECT_EQ(timeline.silence_us(101 * kSecond, 2 * kSecond), 0) << "and the sound goes on";
  Timeline endless(std::nullopt, std::nullopt);
  endless.silence_us(0, 0);
  EXPECT_EQ(endless.silence_us(601 * kSecond, 0), 0) << "longer than ten minutes";
  EXPECT_EQ(endless.silence_us(-50 * kSecond, kSecond), 0) << "backwards";
  EXPECT_EQ(endless.silence_us(-49 * kSecond, 2 * kSecond), 0);
}

TEST(Timeline, NoStampOverflows) {
  Timeline timeline(0, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(timeline.silence_us(std::numeric_limits<int64_t>::min(), 0), 0);
  EXPECT_EQ(timeline.silence_us(std::numeric_limits<int64_t>::max(), 0), 0);
  EXPECT_EQ(timeline.silence_us(3 * kSecond, 0), 3 * kSecond);
}

TEST(Verdict, NoSoundIsAFailure) {
  EXPECT_EQ(verdict({}).state, EndState::kFailed);
  EXPECT_EQ(verdict({}).code, ErrorCode::kInvalidArgument);
}

TEST(Verdict, AllThatWasAnnouncedIsComplete) {
  EXPECT_EQ(verdict({.heard_ms = 11'000}).state, EndState::kComplete);
  EXPECT_EQ(verdict({.heard_ms = 11'000, .announced_ms = 11'050}).state, EndState::kComplete);
  EXPECT_EQ(verdict({.heard_ms = 99'000, .announced_ms = 100'000}).state, EndState::kComplete);
}

TEST(Verdict, LessThanAnnouncedBreaksOff) {
  const StreamEnd end = verdict({.heard_ms = 12'340, .announced_ms = 60'000});
  EXPECT_EQ(end.state, EndState::kDamaged);
  EXPECT_EQ(end.message, "the file breaks off after 12.3 s of the 60.0 s that it announces");
  EXPECT_EQ(verdict({.heard_ms = 2000, .breaks_off = true}).message,
            "the file breaks off after 2.0 s");
}

TEST(Verdict, DamageInTheMiddleIsNamedAndAtTheEndItIsABreak) {
  EXPECT_EQ(verdict({.heard_ms = 9000, .damage_count = 1, .first_damage_ms = 4250}).message,
            "the file is damaged in 1 place, at 4.3 s");
  EXPECT_EQ(verdict({.heard_ms = 9000, .damage_count = 3, .first_damage_ms = 1000}).message,
            "the file is damaged in 3 places, first at 1.0 s");
  EXPECT_EQ(verdict({.heard_ms = 9000, .damage_count = 1, .first_damage_ms = 8900}).message,
            "the file breaks off after 9.0 s");
}

}  // namespace
}  // namespace katip::audio
