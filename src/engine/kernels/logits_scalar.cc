// The plain version. Tested by logits_test.cc.
#include <cmath>

#include "engine/kernels/top_list.h"

namespace katip::engine {
namespace {

float sum_exp(std::span<const float> x, float peak) {
  float sum = 0.0f;
  for (const float value : x) sum += std::exp(value - peak);
  return sum;
}

std::size_t top(std::span<const float> x, std::span<TokenLogit> out) {
  TopList list(out);
  for (std::size_t token = 0; token < x.size(); ++token)
    list.add(static_cast<int>(token), x[token]);
  return list.count();
}

}  // namespace

const LogitKernel& logit_kernel_scalar() {
  static constexpr LogitKernel kKernel = {sum_exp, top};
  return kKernel;
}

}  // namespace katip::engine
