#include "engine/kernels/encoder_attention.h"

#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

struct FreeBytes {
  void operator()(std::byte* bytes) const { std::free(bytes); }
};

std::unique_ptr<std::byte, FreeBytes> aligned(std::size_t size) {
  return std::unique_ptr<std::byte, FreeBytes>(
      static_cast<std::byte*>(std::aligned_alloc(64, (size + 63) / 64 * 64)));
}

std::vector<float> random_floats(std::size_t count, float scale, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0f, scale);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

std::vector<float> run(const EncoderAttentionKernel& kernel, const std::vector<float>& qkv,
                       std::size_t frame_count, std::size_t state_size, std::size_t step) {
  std::vector<float> output(frame_count * state_size, NAN);
  const auto packed = aligned(kernel.packed_size(frame_count));
  const auto scratch = aligned(kernel.scratch_size(frame_count));
  for (std::size_t head = 0; head < state_size / kHeadSize; ++head) {
    const EncoderAttentionShape shape = {frame_count, state_size, head};
    kernel.pack(shape, qkv.data(), packed.get());
    for (std::size_t query = 0; query < frame_count; query += step) {
      kernel.attend(shape, qkv.data(), packed.get(), query, std::min(query + step, frame_count),
                    scratch.get(), output.data());
    }
  }
  return output;
}

struct Case {
  const char* name;
  const EncoderAttentionKernel& (*kernel)();
  Cpu needs;
  float tolerance;
};

class EncoderAttention : public testing::TestWithParam<Case> {};

TEST_P(EncoderAttention, AgreesWithTheScalarKernelAtEveryLength) {
  const Case& c = GetParam();
  if (detect_cpu() < c.needs) GTEST_SKIP() << "this machine has no " << name(c.needs);
  for (const std::size_t frame_count : {1u, 2u, 5u, 16u, 63u, 64u, 65u, 150u, 257u}) {
    const auto qkv = random_floats(frame_count * 3 * 128, 1.5f, static_cast<unsigned>(frame_count));
    const auto expected = run(encoder_attention_scalar(), qkv, frame_count, 128, frame_count);
    const auto actual = run(c.kernel(), qkv, frame_count, 128, 48);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(actual[i], expected[i], c.tolerance) << frame_count << " frames, element " << i;
    }
  }
}

TEST_P(EncoderAttention, TheResultOfAQueryDoesNotDependOnHowTheWorkIsCut) {
  const Case& c = GetParam();
  if (detect_cpu() < c.needs) GTEST_SKIP() << "this machine has no " << name(c.needs);
  const auto qkv = random_floats(100 * 3 * 64, 1.0f, 7);
  EXPECT_EQ(run(c.kernel(), qkv, 100, 64, 100), run(c.kernel(), qkv, 100, 64, 13));
}

TEST_P(EncoderAttention, LargeScoresDoNotOverflow) {
  const Case& c = GetParam();
  if (detect_cpu() < c.needs) GTEST_SKIP() << "this machine has no " << name(c.needs);
  const auto qkv = random_floats(70 * 3 * 64, 60.0f, 3);
  for (const float value : run(c.kernel(), qkv, 70, 64, 70)) ASSERT_TRUE(std::isfinite(value));
}

INSTANTIATE_TEST_SUITE_P(
    Kernels, EncoderAttention,
    testing::Values(Case{"scalar", encoder_attention_scalar, Cpu::kScalar, 0.0f},
                    Case{"avx2", encoder_attention_avx2, Cpu::kAvx2, 2e-5f},
                    Case{"avx512", encoder_attention_avx512, Cpu::kAvx512, 0.05f}),
    [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace katip::engine
