// int8 keys and values against int16 queries and probabilities by VPMADDWD: exact integer sums, no
// saturation. Tested by cross_attention_test.cc against the scalar version.
#include <limits>

#include <immintrin.h>

#include "engine/kernels/cross_layout.h"
#include "engine/kernels/exp_avx2.h"

namespace katip::engine {
namespace {

constexpr std::size_t kFramesMax = 1536;  // 30 s, padded
constexpr float kInfinity = std::numeric_limits<float>::infinity();

__m256i load_int8_as_int16(const std::int8_t* x) {
  return _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(x)));
}

__m256i broadcast_pair(const std::int16_t* pair) {
  std::int32_t word;
  std::memcpy(&word, pair, sizeof(word));
  return _mm256_set1_epi32(word);
}

__m256i multiply_add(__m256i sum, __m256i a, __m256i b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}

// Scores of all frames for one query; four groups of eight frames give enough independent sums.
void multiply_keys(const PackedCross& cross, std::size_t padded, const std::int16_t* query,
                   float query_scale, float* scores) {
  for (std::size_t frame = 0; frame < padded; frame += kCrossGroup) {
    const std::int8_t* keys = cross.keys + frame * kHeadSize;
    __m256i sum[4];
    for (__m256i& s : sum) s = _mm256_setzero_si256();
    for (std::size_t pair = 0; pair < kHeadSize / 2; ++pair) {
      const __m256i q = broadcast_pair(query + 2 * pair);
      for (std::size_t b = 0; b < 4; ++b) {
        const std::int8_t* block = keys + b / 2 * 16 * kHeadSize + pair * 32 + b % 2 * 16;
        sum[b] = multiply_add(sum[b], q, load_int8_as_int16(block));
      }
    }
    for (std::size_t b = 0; b < 4; ++b) {
      const __m256 scale = _mm256_mul_ps(_mm256_set1_ps(query_scale),
                                         _mm256_load_ps(cross.key_scales + frame + 8 * b));
      _mm256_store_ps(scores + frame + 8 * b, _mm256_mul_ps(_mm256_cvtepi32_ps(sum[b]), scale));
    }
  }
}

// Softmax of one row; writes int16 probabilities, scaled by the value scales; returns the scale of
// the output.
float softmax_row(const PackedCross& cross, std::size_t frame_count, std::size_t padded,
                  float* scores, std::int16_t* probabilities, float* weights) {
  const float peak = *std::max_element(scores, scores + frame_count);
  std::fill(scores + frame_count, scores + padded, -kInfinity);
  __m256 sum = _mm256_setzero_ps();
  __m256 scaled_sum = sum;
  __m256 scaled_peak = sum;
  for (std::size_t k = 0; k < padded; k += 8) {
    const __m256 p = exp_negative(_mm256_sub_ps(_mm256_load_ps(scores + k), _mm256_set1_ps(peak)));
    const __m256 scaled = _mm256_mul_ps(p, _mm256_load_ps(cross.value_scales + k));
    sum = _mm256_add_ps(sum, p);
    scaled_sum = _mm256_add_ps(scaled_sum, scaled);
    scaled_peak = _mm256_max_ps(scaled_peak, scaled);
    _mm256_store_ps(scores + k, p);
  }
  const float total = sum_lanes(sum);
  const float factor = probability_factor(max_lanes(scaled_peak), sum_lanes(scaled_sum));
  for (std::size_t k = 0; k < padded; k += 8) {
    const __m256 scaled =
        _mm256_mul_ps(_mm256_load_ps(scores + k), _mm256_load_ps(cross.value_scales + k));
    const __m256i integer = _mm256_cvtps_epi32(_mm256_mul_ps(scaled, _mm256_set1_ps(factor)));
    const __m128i packed =
        _mm_packs_epi32(_mm256_castsi256_si128(integer), _mm256_extracti128_si256(integer, 1));
    _mm_store_si128(reinterpret_cast<__m128i*>(probabilities + k), packed);
  }
  if (weights != nullptr) {
    for (std::size_t k = 0; k < frame_count; ++k) weights[k] = scores[k] / total;
  }
  return 1.0f / (factor * total);
}

void multiply_values(const PackedCross& cross, std::size_t padded,
                     const std::int16_t* probabilities, float output_scale, float* output) {
  __m256i sum[8];
  for (__m256i& s : sum) s = _mm256_setzero_si256();
  for (std::size_t k = 0; k < padded; k += 2) {
    const __m256i p = broadcast_pair(probabilities + k);
    for (std::size_t b = 0; b < 8; ++b) {
      sum[b] = multiply_add(sum[b], p, load_int8_as_int16(cross.values + k * kHeadSize + 16 * b));
    }
  }
  for (std::size_t b = 0; b < 8; ++b) {
    _mm256_storeu_ps(output + 8 * b,
                     _mm256_mul_ps(_mm256_cvtepi32_ps(sum[b]), _mm256_set1_ps(output_scale)));
  }
}

void attend(const std::byte* packed, std::size_t frame_count, std::span<const CrossRow> rows) {
  alignas(32) float scores[kFramesMax];
  alignas(32) std::int16_t probabilities[kFramesMax];
  std::int16_t query[kHeadSize];
  const PackedCross cross = packed_cross(packed, frame_count);
  const std::size_t padded = cross_padded(frame_count);
  for (const CrossRow& row : rows) {
    const float query_scale = quantize_query(row.query, query);
    multiply_keys(cross, padded, query, query_scale, scores);
    const float output_scale =
        softmax_row(cross, frame_count, padded, scores, probabilities, row.weights);
    multiply_values(cross, padded, probabilities, output_scale, row.output);
  }
}

}  // namespace

const CrossAttentionKernel& cross_attention_int8_avx2() {
  static constexpr CrossAttentionKernel kKernel = {cross_packed_size, cross_pack, attend};
  return kKernel;
}

}  // namespace katip::engine
