// Half floats widened by VCVTPH2PS, sums in float32. Tested by self_attention_test.cc.
#include <algorithm>
#include <limits>

#include <immintrin.h>

#include "engine/kernels/exp_avx512.h"
#include "engine/kernels/self_attention.h"

namespace katip::engine {
namespace {

__m512 load(const std::byte* from, std::size_t quarter) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from) + quarter));
}

void store(const float* from, std::size_t count, std::byte* to) {
  for (std::size_t j = 0; j < count; j += 16) {  // heads are whole registers
    const __m256i half = _mm512_cvtps_ph(_mm512_loadu_ps(from + j), _MM_FROUND_TO_NEAREST_INT);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 2 * j), half);
  }
}

void attend(const SelfRow& row) {
  alignas(64) float scores[kSelfTokensMax];
  const std::size_t count = row.tokens.size();
  const std::size_t padded = (count + 15) / 16 * 16;
  __m512 query[4];
  for (std::size_t b = 0; b < 4; ++b) {
    query[b] = _mm512_mul_ps(_mm512_loadu_ps(row.query + 16 * b), _mm512_set1_ps(0.125f));
  }
  for (std::size_t t = 0; t < count; ++t) {
    const std::byte* key = row.tokens[t] + row.head_offset;
    const __m512 low =
        _mm512_fmadd_ps(query[1], load(key, 1), _mm512_mul_ps(query[0], load(key, 0)));
    const __m512 high =
        _mm512_fmadd_ps(query[3], load(key, 3), _mm512_mul_ps(query[2], load(key, 2)));
    scores[t] = _mm512_reduce_add_ps(_mm512_add_ps(low, high));
  }
  const float peak = *std::max_element(scores, scores + count);
  std::fill(scores + count, scores + padded, -std::numeric_limits<float>::infinity());
  __m512 sum = _mm512_setzero_ps();
  for (std::size_t t = 0; t < padded; t += 16) {
    const __m512 p = exp_negative(_mm512_sub_ps(_mm512_load_ps(scores + t), _mm512_set1_ps(peak)));
    sum = _mm512_add_ps(sum, p);
    _mm512_store_ps(scores + t, p);
  }
  __m512 total[4];
  for (__m512& t : total) t = _mm512_setzero_ps();
  for (std::size_t t = 0; t < count; ++t) {
    const std::byte* value = row.tokens[t] + row.head_offset + row.value_offset;
    const __m512 p = _mm512_set1_ps(scores[t]);
    for (std::size_t b = 0; b < 4; ++b) total[b] = _mm512_fmadd_ps(p, load(value, b), total[b]);
  }
  const __m512 inverse = _mm512_set1_ps(1.0f / _mm512_reduce_add_ps(sum));
  for (std::size_t b = 0; b < 4; ++b)
    _mm512_storeu_ps(row.output + 16 * b, _mm512_mul_ps(total[b], inverse));
}

}  // namespace

const SelfAttentionKernel& self_attention_float16_avx512() {
  static constexpr SelfAttentionKernel kKernel = {2, store, attend};
  return kKernel;
}

}  // namespace katip::engine
