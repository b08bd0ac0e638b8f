// Half floats widened by VCVTPH2PS. Tested by self_attention_test.cc.
#include <immintrin.h>

#include "engine/kernels/self_attention_loop.h"

namespace katip::engine {
namespace {

struct Float16 {
  static void load(const std::byte* from, float* out) {
    for (std::size_t j = 0; j < kHeadSize; j += 8) {
      const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 2 * j));
      _mm256_storeu_ps(out + j, _mm256_cvtph_ps(half));
    }
  }
};

void store(const float* from, std::size_t count, std::byte* to) {
  for (std::size_t j = 0; j < count; j += 8) {  // heads are whole registers
    const __m128i half = _mm256_cvtps_ph(_mm256_loadu_ps(from + j), _MM_FROUND_TO_NEAREST_INT);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * j), half);
  }
}

}  // namespace

const SelfAttentionKernel& self_attention_float16_avx2() {
  static constexpr SelfAttentionKernel kKernel = {2, store, attend_self<Float16>};
  return kKernel;
}

}  // namespace katip::engine
