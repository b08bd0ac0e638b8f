#pragma once

#include <immintrin.h>

/// Included by *_avx2.cc files only.
namespace katip::engine {

/// exp(x) for x <= 0, relative error below 3e-6; nearly zero for x below -87, -infinity included.
inline __m256 exp_negative(__m256 x) {
  x = _mm256_max_ps(x, _mm256_set1_ps(-87.0f));
  const __m256 power = _mm256_mul_ps(x, _mm256_set1_ps(1.44269504f));
  const __m256 whole = _mm256_round_ps(power, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m256 f = _mm256_sub_ps(power, whole);
  __m256 y = _mm256_set1_ps(1.33333558e-3f);
  y = _mm256_fmadd_ps(y, f, _mm256_set1_ps(9.61812911e-3f));
  y = _mm256_fmadd_ps(y, f, _mm256_set1_ps(5.55041087e-2f));
  y = _mm256_fmadd_ps(y, f, _mm256_set1_ps(2.40226507e-1f));
  y = _mm256_fmadd_ps(y, f, _mm256_set1_ps(6.93147181e-1f));
  y = _mm256_fmadd_ps(y, f, _mm256_set1_ps(1.0f));
  const __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(whole), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(y), exponent));
}

inline float sum_lanes(__m256 x) {
  __m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  y = _mm_add_ps(y, _mm_movehl_ps(y, y));
  return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}

inline float max_lanes(__m256 x) {
  __m128 y = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  y = _mm_max_ps(y, _mm_movehl_ps(y, y));
  return _mm_cvtss_f32(_mm_max_ss(y, _mm_movehdup_ps(y)));
}

}  // namespace katip::engine
