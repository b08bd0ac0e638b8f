#pragma once

#include <immintrin.h>

/// Included by *_avx512.cc files only.
namespace katip::engine {

/// exp(x) for x <= 0, relative error below 3e-6; zero for x below -87, -infinity included.
///
/// 2^(x log2 e) is split into a whole power and 2^f with |f| <= 1/2, which a polynomial of degree
/// five gives.
inline __m512 exp_negative(__m512 x) {
  x = _mm512_max_ps(x, _mm512_set1_ps(-88.0f));
  const __m512 power = _mm512_mul_ps(x, _mm512_set1_ps(1.44269504f));
  const __m512 whole = _mm512_roundscale_ps(power, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 f = _mm512_sub_ps(power, whole);
  __m512 y = _mm512_set1_ps(1.33333558e-3f);
  y = _mm512_fmadd_ps(y, f, _mm512_set1_ps(9.61812911e-3f));
  y = _mm512_fmadd_ps(y, f, _mm512_set1_ps(5.55041087e-2f));
  y = _mm512_fmadd_ps(y, f, _mm512_set1_ps(2.40226507e-1f));
  y = _mm512_fmadd_ps(y, f, _mm512_set1_ps(6.93147181e-1f));
  y = _mm512_fmadd_ps(y, f, _mm512_set1_ps(1.0f));
  return _mm512_scalef_ps(y, whole);
}

}  // namespace katip::engine
