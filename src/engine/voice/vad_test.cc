#include "engine/voice/vad.h"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/kernels/cpu.h"
#include "engine/voice/silero_weights.h"
#include "engine/voice/vad_kernels.h"

namespace katip::engine {
namespace {

const std::filesystem::path kModelDir = KATIP_SOURCE_DIR "/.deps/models/silero-vad";
const std::filesystem::path kModelFile = kModelDir / "silero_vad_16k_sequence.onnx";
constexpr float kTolerance = 1e-4f;

template <typename T>
std::vector<T> read_array(const std::string& name) {
  std::ifstream file(KATIP_SOURCE_DIR "/tests/golden/vad/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name << " is missing: run tests/golden/vad/generate.py";
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

std::vector<float> golden_clip() {
  std::vector<float> pcm;
  for (const std::int16_t sample : read_array<std::int16_t>("clip.s16")) {
    pcm.push_back(static_cast<float>(sample) / 32768.0f);
  }
  return pcm;
}

// Pushes the samples in pieces whose sizes `next_size` gives.
template <typename NextSize>
std::vector<float> probabilities(const std::shared_ptr<const VadModel>& model,
                                 std::span<const float> pcm, NextSize next_size) {
  VadStream stream(model);
  std::vector<float> all;
  const auto append = [&](const std::vector<float>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  while (!pcm.empty()) {
    const std::size_t count = std::min<std::size_t>(pcm.size(), next_size());
    append(stream.push(pcm.first(count)));
    pcm = pcm.subspan(count);
  }
  append(stream.finish());
  EXPECT_THAT(stream.finish(), testing::IsEmpty());
  return all;
}

class Vad : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kModelFile)) GTEST_SKIP() << "no model: run tools/setup";
    auto loaded = load_vad(kModelDir);
    ASSERT_TRUE(loaded) << loaded.error().message;
    model_ = *loaded;
  }

  std::shared_ptr<const VadModel> model_;
};

TEST_F(Vad, EqualsTheReference) {
  const std::vector<float> pcm = golden_clip();
  const auto expected = read_array<float>("clip.f32");
  EXPECT_THAT(probabilities(model_, pcm, [] { return 16000; }),
              testing::Pointwise(testing::FloatNear(kTolerance), expected));
}

TEST_F(Vad, AnyCutOfTheStreamGivesTheSameBits) {
  const std::vector<float> pcm = golden_clip();
  const std::vector<float> whole = probabilities(model_, pcm, [&] { return pcm.size(); });
  std::mt19937 random(2);
  EXPECT_EQ(probabilities(model_, pcm, [] { return 512; }), whole);
  EXPECT_EQ(probabilities(model_, pcm, [&] { return 1 + random() % 700; }), whole);
  EXPECT_EQ(probabilities(model_, pcm, [&] { return 1 + random() % 40000; }), whole);
}

TEST_F(Vad, EveryKernelEqualsTheReference) {
  const auto weights = SileroWeights::load(kModelFile);
  ASSERT_TRUE(weights) << weights.error().message;
  const auto expected = read_array<float>("clip.f32");
  std::vector<float> samples = golden_clip();
  samples.insert(samples.begin(), kVadContext, 0.0f);
  samples.resize(kVadContext + expected.size() * kVadFrame, 0.0f);
  const auto check = [&](VadFrames kernel) {
    const auto work = std::make_unique<VadWorkspace>();
    VadMemory memory;
    std::vector<float> result(expected.size());
    kernel(weights->tables(), samples.data(), static_cast<int>(result.size()), *work, memory,
           result.data());
    EXPECT_THAT(result, testing::Pointwise(testing::FloatNear(kTolerance), expected));
  };
  check(vad_frames_scalar);
#if defined(__x86_64__)
  if (detect_cpu() >= Cpu::kAvx2) check(vad_frames_avx2);
  if (detect_cpu() >= Cpu::kAvx512) check(vad_frames_avx512);
#endif
}

TEST_F(Vad, SilenceAndNoiseAreNoSpeech) {
  std::vector<float> pcm(48000, 0.0f);
  EXPECT_THAT(probabilities(model_, pcm, [] { return 5000; }), testing::Each(testing::Lt(0.3f)));
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0f, 0.05f);
  for (float& sample : pcm) sample = normal(random);
  EXPECT_THAT(probabilities(model_, pcm, [] { return 5000; }), testing::Each(testing::Lt(0.3f)));
}

TEST_F(Vad, AnEmptyStreamHasNoFrames) {
  VadStream stream(model_);
  EXPECT_THAT(stream.push({}), testing::IsEmpty());
  EXPECT_THAT(stream.finish(), testing::IsEmpty());
}

TEST_F(Vad, OneSampleIsOneFrame) {
  VadStream stream(model_);
  EXPECT_THAT(stream.push(std::vector<float>{0.5f}), testing::IsEmpty());
  EXPECT_THAT(stream.finish(), testing::SizeIs(1));
}

TEST_F(Vad, BadSamplesDoNotSpoilTheRestOfTheStream) {
  std::vector<float> pcm = golden_clip();
  const auto expected = read_array<float>("clip.f32");
  std::vector<float> bad = {std::numeric_limits<float>::quiet_NaN(),
                            std::numeric_limits<float>::infinity(), -1e30f};
  bad.resize(512 * 20, 0.0f);
  pcm.insert(pcm.begin(), bad.begin(), bad.end());
  const std::vector<float> result = probabilities(model_, pcm, [] { return 16000; });
  ASSERT_EQ(result.size(), expected.size() + 20);
  // The memory of the click fades: the speech after it is found as before.
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] > 0.9f) {
      EXPECT_GT(result[i + 20], 0.5f) << i;
    }
    EXPECT_TRUE(result[i + 20] >= 0.0f && result[i + 20] <= 1.0f);
  }
}

TEST(LoadVad, SaysWhichFileIsMissingOrWrong) {
  const auto missing = load_vad("/nonexistent");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, testing::HasSubstr("silero_vad_16k_sequence.onnx"));

  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "vad_wrong";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "silero_vad_16k_sequence.onnx") << "this is a text";
  const auto wrong = load_vad(folder);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kCorruptData);
  EXPECT_THAT(wrong.error().message, testing::HasSubstr("silero_vad_16k_sequence.onnx"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace katip::engine
