#include "engine/windows/window_stream.h"

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::engine {
namespace {

template <typename NextSize>
std::vector<Window> windows_of(std::shared_ptr<const VadModel> vad, std::span<const float> pcm,
                               NextSize next_size) {
  WindowStream stream(std::move(vad), {});
  std::vector<Window> windows;
  const auto append = [&](std::vector<Window> more) {
    std::ranges::move(more, std::back_inserter(windows));
    if (!windows.empty()) {
      EXPECT_GE(stream.settled_end() / kSamplesPerMs + 1, windows.back().end_ms);
    }
  };
  while (!pcm.empty()) {
    const std::size_t count = std::min<std::size_t>(pcm.size(), next_size());
    append(stream.push(pcm.first(count)));
    pcm = pcm.subspan(count);
  }
  append(stream.finish());
  EXPECT_EQ(stream.settled_end(), stream.sample_count());
  return windows;
}

std::vector<float> joined_pcm(const std::vector<Window>& windows) {
  std::vector<float> pcm;
  for (const Window& window : windows) pcm.insert(pcm.end(), window.pcm.begin(), window.pcm.end());
  return pcm;
}

std::vector<float> noise(std::size_t count) {
  std::minstd_rand random(8);
  std::vector<float> pcm(count);
  for (float& sample : pcm) sample = static_cast<float>(random() % 2'001) / 5'000.0f - 0.2f;
  return pcm;
}

TEST(WindowStreamWithoutVad, AnEmptyStreamGivesNothing) {
  EXPECT_THAT(windows_of(nullptr, {}, [] { return 1; }), testing::IsEmpty());
}

TEST(WindowStreamWithoutVad, TheWindowsHoldEverySampleOnce) {
  for (const std::size_t count : {1U, 512U, 513U, 480'000U, 480'001U, 1'100'123U}) {
    const std::vector<float> pcm = noise(count);
    const std::vector<Window> windows = windows_of(nullptr, pcm, [] { return 7'001; });
    EXPECT_EQ(joined_pcm(windows), pcm) << count;
    for (const Window& window : windows) EXPECT_LE(window.pcm.size(), 480'000U);
    if (count <= 480'000U) {
      EXPECT_EQ(windows.size(), 1U);
    }
  }
}

TEST(WindowStreamWithoutVad, TheCutIsInTheQuietestPlace) {
  std::vector<float> pcm = noise(40 * 16'000);
  std::fill(pcm.begin() + 25 * 16'000, pcm.begin() + 25 * 16'000 + 3'200, 0.0f);
  const std::vector<Window> windows = windows_of(nullptr, pcm, [] { return 16'000; });
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_GE(windows[0].end_ms, 25'000);
  EXPECT_LE(windows[0].end_ms, 25'200);
}

class WindowStreamWithVad : public testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path folder = KATIP_SOURCE_DIR "/.deps/models/silero-vad";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no model: run tools/setup";
    auto loaded = load_vad(folder);
    ASSERT_TRUE(loaded) << loaded.error().message;
    vad_ = *loaded;
    std::ifstream file(KATIP_SOURCE_DIR "/tests/golden/vad/clip.s16", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(bytes.empty());
    std::vector<std::int16_t> samples(bytes.size() / 2);
    std::memcpy(samples.data(), bytes.data(), bytes.size());
    for (const std::int16_t sample : samples) {
      clip_.push_back(static_cast<float>(sample) / 32768.0f);
    }
  }

  std::shared_ptr<const VadModel> vad_;
  std::vector<float> clip_;  ///< Half a second of quiet, 1.7 s of vowels, quiet.
};

TEST_F(WindowStreamWithVad, FindsTheSpeechOfAClip) {
  const std::vector<Window> windows = windows_of(vad_, clip_, [] { return 4'000; });
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_LT(windows[0].start_ms, 500);
  EXPECT_GT(windows[0].end_ms, 2'000);
}

TEST_F(WindowStreamWithVad, AnyCutOfTheStreamGivesTheSameWindows) {
  std::vector<float> pcm;
  for (int i = 0; i < 30; ++i) {
    pcm.insert(pcm.end(), clip_.begin(), clip_.end());
    if (i % 7 == 3) pcm.resize(pcm.size() + 50'000, 0.0f);
  }
  std::mt19937 random(6);
  const auto whole = windows_of(vad_, pcm, [&] { return pcm.size(); });
  const auto pieces = windows_of(vad_, pcm, [&] { return 1 + random() % 30'000; });
  ASSERT_EQ(whole.size(), pieces.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(whole[i].start_ms, pieces[i].start_ms);
    EXPECT_EQ(whole[i].pcm, pieces[i].pcm);
  }
}

TEST_F(WindowStreamWithVad, SilenceAndNoiseGiveNoWindow) {
  EXPECT_THAT(windows_of(vad_, std::vector<float>(200'000, 0.0f), [] { return 3'000; }),
              testing::IsEmpty());
  EXPECT_THAT(windows_of(vad_, noise(200'000), [] { return 3'000; }), testing::IsEmpty());
}

TEST_F(WindowStreamWithVad, NearSilentSpeechGivesNoWindow) {
  std::vector<float> pcm = clip_;
  for (float& sample : pcm) sample *= 1e-3f;
  EXPECT_THAT(windows_of(vad_, pcm, [] { return 3'000; }), testing::IsEmpty());
}

}  // namespace
}  // namespace katip::engine
