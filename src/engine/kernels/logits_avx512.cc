// Tested by logits_test.cc.
#include <bit>

#include <immintrin.h>

#include "engine/kernels/exp_avx512.h"
#include "engine/kernels/top_list.h"

namespace katip::engine {
namespace {

__mmask16 tail_mask(std::size_t left) {
  return left >= 16 ? __mmask16{0xffff} : static_cast<__mmask16>((1u << left) - 1u);
}

float sum_exp(std::span<const float> x, float peak) {
  const __m512 offset = _mm512_set1_ps(peak);
  __m512 sum = _mm512_setzero_ps();
  for (std::size_t i = 0; i < x.size(); i += 16) {
    const __mmask16 mask = tail_mask(x.size() - i);
    const __m512 value = _mm512_maskz_loadu_ps(mask, x.data() + i);
    sum = _mm512_mask_add_ps(sum, mask, sum, exp_negative(_mm512_sub_ps(value, offset)));
  }
  return _mm512_reduce_add_ps(sum);
}

std::size_t top(std::span<const float> x, std::span<TokenLogit> out) {
  TopList list(out);
  for (std::size_t i = 0; i < x.size(); i += 16) {
    const __mmask16 mask = tail_mask(x.size() - i);
    const __m512 value = _mm512_maskz_loadu_ps(mask, x.data() + i);
    unsigned above =
        _mm512_mask_cmp_ps_mask(mask, value, _mm512_set1_ps(list.threshold()), _CMP_GT_OQ);
    for (; above != 0; above &= above - 1) {
      const std::size_t token = i + static_cast<std::size_t>(std::countr_zero(above));
      list.add(static_cast<int>(token), x[token]);
    }
  }
  return list.count();
}

}  // namespace

const LogitKernel& logit_kernel_avx512() {
  static constexpr LogitKernel kKernel = {sum_exp, top};
  return kKernel;
}

}  // namespace katip::engine
