#include "app/realtime_audio.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::app {
namespace {

using ::testing::ElementsAre;

TEST(LiveAudioTest, DecodesWhatTelephonesSend) {
  EXPECT_THAT(decode_live_audio(LiveFormat::kMuLaw, "\xFF\x7F\x80"), ElementsAre(0, 0, 32'124));
  EXPECT_EQ(decode_live_audio(LiveFormat::kMuLaw, std::string(1, '\0')).front(), -32'124);
  EXPECT_THAT(decode_live_audio(LiveFormat::kALaw, "\xD5\x55\xAA\x2A"),
              ElementsAre(8, -8, 32'256, -32'256));
  EXPECT_THAT(decode_live_audio(LiveFormat::kPcm16, std::string("\x01\x00\xFF\xFF\x00\x80\x07", 7)),
              ElementsAre(1, -1, -32'768));
  EXPECT_TRUE(decode_live_audio(LiveFormat::kPcm16, "").empty());
}

TEST(LiveAudioTest, AWavFileHasItsSizes) {
  const std::vector<std::int16_t> samples = {1, -1};
  const std::string file = wav_file(samples, 24'000);
  ASSERT_EQ(file.size(), 48U);
  EXPECT_EQ(file.substr(0, 8), std::string("RIFF\x28\0\0\0", 8));
  EXPECT_EQ(file.substr(40), std::string("\x04\0\0\0\x01\0\xFF\xFF", 8));
}

TEST(LiveAudioTest, ResamplingDoesNotDependOnThePieces) {
  std::vector<std::int16_t> tone;
  for (int i = 0; i < 2'400; ++i) {
    tone.push_back(static_cast<std::int16_t>(10'000 * std::sin(i * 0.1)));
  }
  LiveResampler whole(24'000);
  const auto expected = whole.push(tone);
  EXPECT_NEAR(static_cast<double>(expected.size()), 1'600, 2);
  LiveResampler pieces(24'000);
  std::vector<float> all;
  for (const std::int16_t sample : tone) {
    const auto out = pieces.push({&sample, 1});
    all.insert(all.end(), out.begin(), out.end());
  }
  EXPECT_EQ(all, expected);
  LiveResampler telephone(8'000);
  EXPECT_NEAR(static_cast<double>(telephone.push(tone).size()), 4'800, 2);
}

/// Speech is what is not 0.
class LoudStream final : public engine::VoiceDetector::Stream {
 public:
  std::vector<float> push(std::span<const float> pcm) override {
    std::vector<float> all;
    for (std::size_t i = 0; i + 511 < pcm.size(); i += 512) all.push_back(pcm[i]);
    return all;
  }
};

TEST(VoiceTurnsTest, TellsWhenATurnBeginsAndEnds) {
  VoiceTurns turns(std::make_unique<LoudStream>(),
                   {.threshold = 0.5f, .prefix_padding_ms = 64, .silence_duration_ms = 96});
  const auto frames = [&](int count, float loudness) {
    return turns.push(std::vector<float>(static_cast<std::size_t>(count) * 512, loudness));
  };
  EXPECT_TRUE(frames(10, 0).empty());
  EXPECT_TRUE(frames(1, 1).empty()) << "a click";
  EXPECT_TRUE(frames(1, 0).empty());
  const auto began = frames(3, 1);
  ASSERT_EQ(began.size(), 1U);
  EXPECT_EQ(began[0].kind, TurnEvent::Kind::kBegan);
  EXPECT_EQ(began[0].at_ms, 12 * 32 - 64);
  EXPECT_TRUE(turns.is_speaking());
  EXPECT_TRUE(frames(2, 0).empty());
  EXPECT_TRUE(frames(1, 0.4f).empty()) << "a voice that falls";
  const auto ended = frames(3, 0);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].kind, TurnEvent::Kind::kEnded);
  EXPECT_EQ(ended[0].at_ms, 21 * 32);
  EXPECT_FALSE(turns.is_speaking());
}

}  // namespace
}  // namespace katip::app
