// Tested by logits_test.cc.
#include <bit>
#include <cmath>

#include <immintrin.h>

#include "engine/kernels/exp_avx2.h"
#include "engine/kernels/top_list.h"

namespace katip::engine {
namespace {

float sum_exp(std::span<const float> x, float peak) {
  const __m256 offset = _mm256_set1_ps(peak);
  __m256 sum = _mm256_setzero_ps();
  std::size_t i = 0;
  for (; i + 8 <= x.size(); i += 8) {
    sum = _mm256_add_ps(sum, exp_negative(_mm256_sub_ps(_mm256_loadu_ps(x.data() + i), offset)));
  }
  float total = sum_lanes(sum);
  for (; i < x.size(); ++i) total += std::exp(x[i] - peak);
  return total;
}

std::size_t top(std::span<const float> x, std::span<TokenLogit> out) {
  TopList list(out);
  std::size_t i = 0;
  for (; i + 8 <= x.size(); i += 8) {
    const __m256 above =
        _mm256_cmp_ps(_mm256_loadu_ps(x.data() + i), _mm256_set1_ps(list.threshold()), _CMP_GT_OQ);
    for (auto mask = static_cast<unsigned>(_mm256_movemask_ps(above)); mask != 0;
         mask &= mask - 1) {
      const std::size_t token = i + static_cast<std::size_t>(std::countr_zero(mask));
      list.add(static_cast<int>(token), x[token]);
    }
  }
  for (; i < x.size(); ++i) list.add(static_cast<int>(i), x[i]);
  return list.count();
}

}  // namespace

const LogitKernel& logit_kernel_avx2() {
  static constexpr LogitKernel kKernel = {sum_exp, top};
  return kKernel;
}

}  // namespace katip::engine
