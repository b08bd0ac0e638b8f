#include "engine/features/mel.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <numbers>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/features/fft_tables.h"
#include "engine/features/mel_filters.h"
#include "engine/features/mel_kernels.h"
#include "engine/kernels/cpu.h"

namespace katip::engine {
namespace {

constexpr float kTolerance = 1e-4f;

template <typename T>
std::vector<T> read_array(const std::string& name) {
  std::ifstream file(KATIP_SOURCE_DIR "/tests/golden/mel/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name << " is missing: run tests/golden/mel/generate.py";
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

std::vector<float> noise(std::size_t count, float scale = 0.1f) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0.0f, scale);
  std::vector<float> pcm(count);
  for (float& sample : pcm) sample = normal(random);
  return pcm;
}

float difference_max(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  float worst = 0.0f;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    worst = std::max(worst, std::abs(a[i] - b[i]));
  }
  return worst;
}

struct Golden {
  std::string name;
  int frame_count;
  int mel_count;
};

class MelGolden : public testing::TestWithParam<Golden> {};

TEST_P(MelGolden, EqualsTheReference) {
  const Golden& golden = GetParam();
  std::vector<float> pcm;
  for (const std::int16_t sample : read_array<std::int16_t>(golden.name + ".s16")) {
    pcm.push_back(static_cast<float>(sample) / 32768.0f);
  }
  const auto mel = MelExtractor(golden.mel_count).compute(pcm, golden.frame_count);
  ASSERT_TRUE(mel) << mel.error().message;
  const auto expected =
      read_array<float>(golden.name + "_" + std::to_string(golden.mel_count) + ".f32");
  EXPECT_LE(difference_max(mel->data, expected), kTolerance);
}

INSTANTIATE_TEST_SUITE_P(Recordings, MelGolden,
                         testing::Values(Golden{"speech_like", 100, 80},
                                         Golden{"speech_like", 100, 128}, Golden{"noise", 50, 80},
                                         Golden{"sine", 50, 80}, Golden{"silence", 10, 80},
                                         Golden{"one_sample", 10, 80}),
                         [](const auto& test) {
                           return test.param.name + std::to_string(test.param.mel_count);
                         });

TEST(Mel, EmptyAudioIsAConstant) {
  const auto mel = MelExtractor(80).compute({}, 20);
  ASSERT_TRUE(mel);
  EXPECT_THAT(mel->data, testing::AllOf(testing::SizeIs(80 * 20), testing::Each(-1.5f)));
}

TEST(Mel, AWindowOfOneFrameWorks) {
  const auto mel = MelExtractor(80).compute(noise(160), 1);
  ASSERT_TRUE(mel);
  for (const float value : mel->data) EXPECT_TRUE(std::isfinite(value));
}

TEST(Mel, PaddingDoesNotChangeTheFramesBeforeIt) {
  const MelExtractor extractor(80);
  const std::vector<float> pcm = noise(16000);
  const auto tight = extractor.compute(pcm, 102);
  const auto wide = extractor.compute(pcm, 3000);
  ASSERT_TRUE(tight && wide);
  const float padding = wide->data[2999];
  for (int mel = 0; mel < 80; ++mel) {
    const float* tight_row = tight->data.data() + mel * 102;
    const float* wide_row = wide->data.data() + mel * 3000;
    for (int frame = 0; frame < 102; ++frame) ASSERT_EQ(tight_row[frame], wide_row[frame]);
    ASSERT_EQ(wide_row[110], padding) << "padding is one constant";
  }
}

TEST(Mel, RefusesWhatDoesNotFitOrIsNotANumber) {
  const MelExtractor extractor(80);
  EXPECT_EQ(extractor.compute(noise(161), 1).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(extractor.compute({}, 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(extractor.compute({}, -1).error().code, ErrorCode::kInvalidArgument);
  std::vector<float> pcm = noise(1000);
  pcm[777] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(extractor.compute(pcm, 10).error().code, ErrorCode::kInvalidArgument);
  pcm[777] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(extractor.compute(pcm, 10).error().code, ErrorCode::kInvalidArgument);
}

TEST(Mel, ExtremeSamplesStayFinite) {
  const std::vector<float> pcm(4800, 1e15f);
  const auto mel = MelExtractor(128).compute(pcm, 30);
  ASSERT_TRUE(mel);
  for (const float value : mel->data) EXPECT_TRUE(std::isfinite(value));
}

TEST(MelFilterBank, FiltersHaveUnitAreaAndCoverTheSpectrum) {
  for (const int mel_count : {80, 128}) {
    const MelFilterBank bank(mel_count);
    ASSERT_EQ(static_cast<int>(bank.filters().size()), mel_count);
    for (const MelFilter& filter : bank.filters()) {
      EXPECT_GE(filter.bin_count, 0);
      EXPECT_LE(filter.first_bin + filter.bin_count, 201);
    }
    // A wide filter holds enough bins for their sum to be its area: 1 over 40 Hz a bin.
    const MelFilter& widest = bank.filters().back();
    double area = 0.0;
    for (int i = 0; i < widest.bin_count; ++i) area += 40.0 * widest.weights[i];
    EXPECT_NEAR(area, 1.0, 0.05);
  }
}

// Every kernel of this machine against sums in double, so that none shares a mistake with its
// judge.
class MelKernels : public testing::TestWithParam<Cpu> {
 protected:
  static LogMelFrames kernel() {
#if defined(__x86_64__)
    if (GetParam() == Cpu::kAvx512) return log_mel_frames_avx512;
    if (GetParam() == Cpu::kAvx2) return log_mel_frames_avx2;
#endif
    return log_mel_frames_scalar;
  }
};

std::vector<double> direct_log_mel(const float* samples, const MelFilterBank& bank) {
  double power[kMelFft / 2 + 1];
  for (int bin = 0; bin <= kMelFft / 2; ++bin) {
    double re = 0.0;
    double im = 0.0;
    for (int i = 0; i < kMelFft; ++i) {
      const double hann = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * i / kMelFft);
      const double angle = 2.0 * std::numbers::pi * bin * i / kMelFft;
      re += samples[i] * hann * std::cos(angle);
      im -= samples[i] * hann * std::sin(angle);
    }
    power[bin] = re * re + im * im;
  }
  std::vector<double> logs;
  for (const MelFilter& filter : bank.filters()) {
    double sum = 0.0;
    for (int i = 0; i < filter.bin_count; ++i)
      sum += filter.weights[i] * power[filter.first_bin + i];
    logs.push_back(std::log10(std::max(sum, 1e-10)));
  }
  return logs;
}

TEST_P(MelKernels, EqualsADirectTransform) {
  if (GetParam() > cpu()) GTEST_SKIP() << "this processor lacks the instructions";
  const FftTables fft({8, 5, 5});
  const MelFilterBank bank(80);
  std::vector<float> window;
  for (int i = 0; i < kMelFft; ++i) {
    window.push_back(
        static_cast<float>(0.25 - 0.25 * std::cos(2.0 * std::numbers::pi * i / kMelFft)));
  }
  const MelTables tables{fft.plan(), window.data(), bank.filters().data(), 80};
  constexpr int kFrames = 21;  // more than one tile, and not a whole number of them
  const std::vector<float> signal = noise(32 * kMelHop + kMelFft);
  std::vector<float> logs(80 * kFrames + 1, 99.0f);
  kernel()(tables, signal.data(), kFrames, logs.data(), kFrames);
  for (const int frame : {0, 7, 8, 15, 16, 20}) {
    const std::vector<double> expected = direct_log_mel(signal.data() + frame * kMelHop, bank);
    const float* column = logs.data() + frame;
    for (const double value : expected) {
      ASSERT_NEAR(*column, value, 1e-4) << frame;
      column += kFrames;
    }
  }
  EXPECT_EQ(logs.back(), 99.0f) << "wrote beyond the last row";
}

INSTANTIATE_TEST_SUITE_P(All, MelKernels, testing::Values(Cpu::kScalar, Cpu::kAvx2, Cpu::kAvx512));

}  // namespace
}  // namespace katip::engine
