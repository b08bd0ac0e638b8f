#include "engine/kernels/self_attention.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

struct Case {
  const char* name;
  const SelfAttentionKernel& (*kernel)();
  Cpu needs;
  float tolerance;
};

class SelfAttention : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (detect_cpu() < GetParam().needs)
      GTEST_SKIP() << "this machine has no " << name(GetParam().needs);
  }
};

std::vector<float> random_floats(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

// One head of tokens whose keys and values stand in places of their own, in no order.
std::vector<float> run(const SelfAttentionKernel& kernel, std::size_t token_count) {
  const std::size_t token_size = 2 * kHeadSize * kernel.element_size;
  std::vector<std::vector<std::byte>> places(token_count, std::vector<std::byte>(token_size));
  std::vector<std::byte*> past;
  for (std::size_t token = 0; token < token_count; ++token) {
    const auto key_value = random_floats(2 * kHeadSize, static_cast<unsigned>(token));
    kernel.store(key_value.data(), key_value.size(), places[token].data());
    past.push_back(places[token].data());
  }
  const auto query = random_floats(kHeadSize, 999);
  std::vector<float> output(kHeadSize);
  kernel.attend({.query = query.data(),
                 .output = output.data(),
                 .tokens = past,
                 .head_offset = 0,
                 .value_offset = kHeadSize * kernel.element_size});
  return output;
}

TEST_P(SelfAttention, AgreesWithFloat32AtEveryLength) {
  for (const std::size_t token_count : {1u, 2u, 15u, 16u, 17u, 100u, 448u}) {
    const auto expected = run(self_attention_float32(), token_count);
    const auto actual = run(GetParam().kernel(), token_count);
    for (std::size_t j = 0; j < kHeadSize; ++j) {
      ASSERT_NEAR(actual[j], expected[j], GetParam().tolerance) << token_count << " tokens";
    }
  }
}

TEST_P(SelfAttention, OneTokenSeesOnlyItself) {
  const auto expected = random_floats(2 * kHeadSize, 0);
  const auto actual = run(GetParam().kernel(), 1);
  for (std::size_t j = 0; j < kHeadSize; ++j)
    ASSERT_NEAR(actual[j], expected[kHeadSize + j], 2e-3f);
}

INSTANTIATE_TEST_SUITE_P(
    Kernels, SelfAttention,
    testing::Values(Case{"float32", self_attention_float32, Cpu::kScalar, 1e-6f},
                    Case{"scalar", self_attention_float16_scalar, Cpu::kScalar, 3e-3f},
                    Case{"avx2", self_attention_float16_avx2, Cpu::kAvx2, 3e-3f},
                    Case{"avx512", self_attention_float16_avx512, Cpu::kAvx512, 3e-3f}),
    [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace katip::engine
