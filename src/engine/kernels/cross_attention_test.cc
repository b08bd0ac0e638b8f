#include "engine/kernels/cross_attention.h"

#include <cmath>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

struct FreeBytes {
  void operator()(std::byte* bytes) const { std::free(bytes); }
};

std::vector<float> random_floats(std::size_t count, float scale, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0f, scale);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

struct Output {
  std::vector<float> values;   // [rows, 64]
  std::vector<float> weights;  // [rows, frame_count]
};

constexpr std::size_t kStateSize = 128;

Output run(const CrossAttentionKernel& kernel, const std::vector<float>& key_value,
           std::size_t frame_count, const std::vector<float>& queries) {
  const std::size_t row_count = queries.size() / kHeadSize;
  const std::unique_ptr<std::byte, FreeBytes> packed(static_cast<std::byte*>(
      std::aligned_alloc(64, (kernel.packed_size(frame_count) + 63) / 64 * 64)));
  kernel.pack(key_value.data(), frame_count, kStateSize, 1, packed.get());
  Output output{std::vector<float>(row_count * kHeadSize),
                std::vector<float>(row_count * frame_count)};
  std::vector<CrossRow> rows;
  for (std::size_t row = 0; row < row_count; ++row) {
    rows.push_back({queries.data() + row * kHeadSize, output.values.data() + row * kHeadSize,
                    output.weights.data() + row * frame_count});
  }
  kernel.attend(packed.get(), frame_count, rows);
  return output;
}

struct Case {
  const char* name;
  const CrossAttentionKernel& (*kernel)();
  Cpu needs;
};

class CrossAttentionInt8 : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (detect_cpu() < GetParam().needs)
      GTEST_SKIP() << "this machine has no " << name(GetParam().needs);
  }
};

TEST_P(CrossAttentionInt8, AgreesWithTheScalarKernelAtEveryLengthAndRowCount) {
  for (const std::size_t frame_count : {1u, 15u, 16u, 31u, 32u, 33u, 100u, 1500u}) {
    for (const std::size_t row_count : {1u, 2u, 3u, 5u, 7u, 8u}) {
      const auto key_value =
          random_floats(frame_count * 2 * kStateSize, 2.0f, static_cast<unsigned>(frame_count));
      const auto queries =
          random_floats(row_count * kHeadSize, 2.0f, static_cast<unsigned>(row_count));
      const Output expected = run(cross_attention_int8_scalar(), key_value, frame_count, queries);
      const Output actual = run(GetParam().kernel(), key_value, frame_count, queries);
      for (std::size_t i = 0; i < expected.values.size(); ++i) {
        ASSERT_NEAR(actual.values[i], expected.values[i], 1e-3f)
            << frame_count << " frames, " << row_count << " rows";
      }
      for (std::size_t i = 0; i < expected.weights.size(); ++i) {
        ASSERT_NEAR(actual.weights[i], expected.weights[i], 1e-4f);
      }
    }
  }
}

TEST_P(CrossAttentionInt8, IsCloseToFloat32) {
  const std::size_t frame_count = 400;
  const auto key_value = random_floats(frame_count * 2 * kStateSize, 1.5f, 5);
  const auto queries = random_floats(5 * kHeadSize, 1.5f, 6);
  const Output exact = run(cross_attention_float32(), key_value, frame_count, queries);
  const Output actual = run(GetParam().kernel(), key_value, frame_count, queries);
  for (std::size_t i = 0; i < exact.values.size(); ++i)
    ASSERT_NEAR(actual.values[i], exact.values[i], 0.05f);
}

TEST_P(CrossAttentionInt8, ARowIsTheSameToTheLastBitWhateverItsCompany) {
  const std::size_t frame_count = 333;
  const auto key_value = random_floats(frame_count * 2 * kStateSize, 1.5f, 8);
  const auto queries = random_floats(8 * kHeadSize, 1.5f, 9);
  const Output together = run(GetParam().kernel(), key_value, frame_count, queries);
  for (std::size_t row = 0; row < 8; ++row) {
    const auto from = queries.begin() + static_cast<std::ptrdiff_t>(row * kHeadSize);
    const Output alone = run(GetParam().kernel(), key_value, frame_count,
                             std::vector<float>(from, from + kHeadSize));
    for (std::size_t j = 0; j < kHeadSize; ++j)
      ASSERT_EQ(alone.values[j], together.values[row * kHeadSize + j]);
  }
}

TEST_P(CrossAttentionInt8, EqualWeightOnLargeEqualValuesDoesNotOverflow) {
  const std::size_t frame_count = 1500;
  const std::vector<float> key_value(frame_count * 2 * kStateSize, 100.0f);
  const std::vector<float> queries(kHeadSize, 0.0f);
  const Output actual = run(GetParam().kernel(), key_value, frame_count, queries);
  for (const float value : actual.values) ASSERT_NEAR(value, 100.0f, 0.1f);
  EXPECT_NEAR(std::accumulate(actual.weights.begin(), actual.weights.end(), 0.0f), 1.0f, 1e-3f);
}

TEST_P(CrossAttentionInt8, SilentFramesOfZerosGiveZeros) {
  const std::vector<float> key_value(40 * 2 * kStateSize, 0.0f);
  const Output actual = run(GetParam().kernel(), key_value, 40, random_floats(kHeadSize, 1.0f, 2));
  for (const float value : actual.values) ASSERT_EQ(value, 0.0f);
}

INSTANTIATE_TEST_SUITE_P(Kernels, CrossAttentionInt8,
                         testing::Values(Case{"scalar", cross_attention_int8_scalar, Cpu::kScalar},
                                         Case{"avx2", cross_attention_int8_avx2, Cpu::kAvx2},
                                         Case{"avx512", cross_attention_int8_avx512, Cpu::kAvx512}),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace katip::engine
