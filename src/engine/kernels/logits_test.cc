#include "engine/kernels/logits.h"

#include <array>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "engine/kernels/cpu.h"

namespace katip::engine {
namespace {

struct Case {
  const char* name;
  const LogitKernel& (*kernel)();
  Cpu needs;
};

class Logits : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (detect_cpu() < GetParam().needs)
      GTEST_SKIP() << "this machine has no " << name(GetParam().needs);
  }
};

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

TEST_P(Logits, AgreesWithTheScalarKernelAtEveryLength) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0f, 5.0f);
  for (const std::size_t size : {1u, 7u, 8u, 9u, 16u, 17u, 1000u, 51865u}) {
    std::vector<float> x(size);
    for (float& value : x) value = random() % 5 == 0 ? kForbidden : normal(random);
    std::array<TokenLogit, 6> expected;
    std::array<TokenLogit, 6> actual;
    const std::size_t count = logit_kernel_scalar().top(x, expected);
    ASSERT_EQ(GetParam().kernel().top(x, actual), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(actual[i].token, expected[i].token);
      EXPECT_EQ(actual[i].logit, expected[i].logit);
    }
    const float peak = count > 0 ? expected[0].logit : 0.0f;
    const float sum = logit_kernel_scalar().sum_exp(x, peak);
    EXPECT_NEAR(GetParam().kernel().sum_exp(x, peak), sum, 1e-4f * sum + 1e-30f) << size;
  }
}

TEST_P(Logits, OfEqualValuesTheSmallerTokenComesFirst) {
  const std::vector<float> x = {1.0f, 3.0f, 3.0f, 2.0f, 3.0f};
  std::array<TokenLogit, 4> best;
  ASSERT_EQ(GetParam().kernel().top(x, best), 4u);
  EXPECT_EQ(best[0].token, 1);
  EXPECT_EQ(best[1].token, 2);
  EXPECT_EQ(best[2].token, 4);
  EXPECT_EQ(best[3].token, 3);
}

TEST_P(Logits, ForbiddenTokensAndNothingElseGiveNothing) {
  std::array<TokenLogit, 2> best;
  EXPECT_EQ(GetParam().kernel().top(std::vector<float>(40, kForbidden), best), 0u);
  EXPECT_EQ(GetParam().kernel().top({}, best), 0u);
}

TEST_P(Logits, NotANumberIsNeverChosen) {
  std::vector<float> x(40, std::numeric_limits<float>::quiet_NaN());
  x[33] = -7.0f;
  std::array<TokenLogit, 2> best;
  ASSERT_EQ(GetParam().kernel().top(x, best), 1u);
  EXPECT_EQ(best[0].token, 33);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Logits,
                         testing::Values(Case{"scalar", logit_kernel_scalar, Cpu::kScalar},
                                         Case{"avx2", logit_kernel_avx2, Cpu::kAvx2},
                                         Case{"avx512", logit_kernel_avx512, Cpu::kAvx512}),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace katip::engine
