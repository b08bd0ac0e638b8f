// int8 keys and values against int16 queries and probabilities by VPDPWSSD: exact integer sums, no
// saturation. Tested by cross_attention_test.cc against the scalar version.
#include <limits>
#include <utility>

#include <immintrin.h>

#include "engine/kernels/cross_layout.h"
#include "engine/kernels/exp_avx512.h"

namespace katip::engine {
namespace {

constexpr std::size_t kFramesMax = 1536;  // 30 s, padded
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Scratch {
  alignas(64) float scores[kCrossRowsMax][kFramesMax];  // then int16 probabilities, in place
  alignas(64) std::int16_t queries[kCrossRowsMax][kHeadSize];
  float query_scales[kCrossRowsMax];
  float output_scales[kCrossRowsMax];
};

// 64 floats as int8 with one scale, which it returns; the same rounding as cross_pack().
float quantize(const float* from, std::int8_t* to) {
  __m512 x[4];
  __m512 peak = _mm512_setzero_ps();
  for (std::size_t b = 0; b < 4; ++b) {
    x[b] = _mm512_loadu_ps(from + 16 * b);
    peak = _mm512_max_ps(peak, _mm512_abs_ps(x[b]));
  }
  const float largest = _mm512_reduce_max_ps(peak);
  const __m512 inverse = _mm512_set1_ps(largest > 0.0f ? 127.0f / largest : 0.0f);
  for (std::size_t b = 0; b < 4; ++b) {
    const __m512i integer = _mm512_cvtps_epi32(_mm512_mul_ps(x[b], inverse));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 16 * b), _mm512_cvtepi32_epi8(integer));
  }
  return largest / 127.0f;
}

// Sixteen frames at a time: quantised row by row, then pairs of dimensions (keys) and pairs of
// frames (values) are brought together.
void pack(const float* key_value, std::size_t frame_count, std::size_t state_size, std::size_t head,
          std::byte* packed) {
  const CrossLayout layout(frame_count);
  auto* keys = reinterpret_cast<std::int8_t*>(packed);
  auto* values = reinterpret_cast<std::int8_t*>(packed + layout.values_at());
  auto* key_scales = reinterpret_cast<float*>(packed + layout.key_scales_at());
  auto* value_scales = reinterpret_cast<float*>(packed + layout.value_scales_at());
  alignas(64) std::int8_t key[16][kHeadSize];
  alignas(64) std::int8_t value[16][kHeadSize];
  for (std::size_t group = 0; group < layout.padded; group += 16) {
    for (std::size_t i = 0; i < 16; ++i) {
      key_scales[group + i] = value_scales[group + i] = 0.0f;
      if (group + i >= frame_count) {
        std::memset(key[i], 0, kHeadSize);
        std::memset(value[i], 0, kHeadSize);
        continue;
      }
      const float* row = key_value + (group + i) * 2 * state_size + head * kHeadSize;
      key_scales[group + i] = quantize(row, key[i]) * kScoreScale;
      value_scales[group + i] = quantize(row + state_size, value[i]);
    }
    std::int8_t* key_to = keys + group * kHeadSize;
    for (std::size_t pair = 0; pair < kHeadSize / 2; ++pair) {
      for (std::size_t i = 0; i < 16; ++i)
        std::memcpy(key_to + (pair * 16 + i) * 2, key[i] + 2 * pair, 2);
    }
    for (std::size_t i = 0; i < 16; i += 2) {
      std::int8_t* value_to = values + (group + i) * kHeadSize;
      for (std::size_t j = 0; j < kHeadSize; j += 16) {
        const __m128i even = _mm_load_si128(reinterpret_cast<const __m128i*>(value[i] + j));
        const __m128i odd = _mm_load_si128(reinterpret_cast<const __m128i*>(value[i + 1] + j));
        auto* to = reinterpret_cast<__m128i*>(value_to + 2 * j);
        _mm_store_si128(to, _mm_unpacklo_epi8(even, odd));
        _mm_store_si128(to + 1, _mm_unpackhi_epi8(even, odd));
      }
    }
  }
}

__m512i load_int8_as_int16(const std::int8_t* x) {
  return _mm512_cvtepi8_epi16(_mm256_load_si256(reinterpret_cast<const __m256i*>(x)));
}

__m512i broadcast_pair(const std::int16_t* pair) {
  std::int32_t word;
  std::memcpy(&word, pair, sizeof(word));
  return _mm512_set1_epi32(word);
}

// One pass over the keys for `kRows` rows; two groups of 16 frames at a time give enough
// independent sums.
template <std::size_t kRows>
void multiply_keys(const PackedCross& cross, std::size_t padded, Scratch& scratch) {
  for (std::size_t frame = 0; frame < padded; frame += kCrossGroup) {
    const std::int8_t* keys = cross.keys + frame * kHeadSize;
    __m512i sum[kRows][2];
    for (auto& of_row : sum) of_row[0] = of_row[1] = _mm512_setzero_si512();
    for (std::size_t pair = 0; pair < kHeadSize / 2; ++pair) {
      const __m512i first = load_int8_as_int16(keys + pair * 32);
      const __m512i second = load_int8_as_int16(keys + 16 * kHeadSize + pair * 32);
      for (std::size_t row = 0; row < kRows; ++row) {
        const __m512i query = broadcast_pair(scratch.queries[row] + 2 * pair);
        sum[row][0] = _mm512_dpwssd_epi32(sum[row][0], query, first);
        sum[row][1] = _mm512_dpwssd_epi32(sum[row][1], query, second);
      }
    }
    for (std::size_t row = 0; row < kRows; ++row) {
      const __m512 scale = _mm512_set1_ps(scratch.query_scales[row]);
      for (std::size_t half = 0; half < 2; ++half) {
        const __m512 key_scale = _mm512_load_ps(cross.key_scales + frame + 16 * half);
        const __m512 dot = _mm512_cvtepi32_ps(sum[row][half]);
        _mm512_store_ps(scratch.scores[row] + frame + 16 * half,
                        _mm512_mul_ps(dot, _mm512_mul_ps(scale, key_scale)));
      }
    }
  }
}

// Softmax of one row; leaves int16 probabilities, scaled by the value scales, in place of the
// scores.
void softmax_row(const PackedCross& cross, std::size_t frame_count, std::size_t padded,
                 float* scores, float* output_scale, float* weights) {
  std::fill(scores + frame_count, scores + padded, -kInfinity);
  __m512 peak = _mm512_set1_ps(-kInfinity);
  for (std::size_t k = 0; k < padded; k += 16)
    peak = _mm512_max_ps(peak, _mm512_load_ps(scores + k));
  const __m512 offset = _mm512_set1_ps(_mm512_reduce_max_ps(peak));
  __m512 sum = _mm512_setzero_ps();
  __m512 scaled_sum = sum;
  __m512 scaled_peak = sum;
  for (std::size_t k = 0; k < padded; k += 16) {
    const __m512 p = exp_negative(_mm512_sub_ps(_mm512_load_ps(scores + k), offset));
    const __m512 scaled = _mm512_mul_ps(p, _mm512_load_ps(cross.value_scales + k));
    sum = _mm512_add_ps(sum, p);
    scaled_sum = _mm512_add_ps(scaled_sum, scaled);
    scaled_peak = _mm512_max_ps(scaled_peak, scaled);
    _mm512_store_ps(scores + k, p);
  }
  const float total = _mm512_reduce_add_ps(sum);
  const float factor =
      probability_factor(_mm512_reduce_max_ps(scaled_peak), _mm512_reduce_add_ps(scaled_sum));
  if (weights != nullptr) {
    for (std::size_t k = 0; k < frame_count; ++k) weights[k] = scores[k] / total;
  }
  const __m512 multiplier = _mm512_set1_ps(factor);
  auto* probabilities = reinterpret_cast<std::int16_t*>(scores);
  for (std::size_t k = 0; k < padded; k += 16) {
    const __m512 scaled =
        _mm512_mul_ps(_mm512_load_ps(scores + k), _mm512_load_ps(cross.value_scales + k));
    const __m512i integer = _mm512_cvtps_epi32(_mm512_mul_ps(scaled, multiplier));
    _mm256_store_si256(reinterpret_cast<__m256i*>(probabilities + k),
                       _mm512_cvtepi32_epi16(integer));
  }
  *output_scale = 1.0f / (factor * total);
}

template <std::size_t kRows>
void multiply_values(const PackedCross& cross, std::size_t padded, const Scratch& scratch,
                     std::span<const CrossRow> rows) {
  // One row alone sums even and odd pairs apart: four sums would wait for one another.
  constexpr std::size_t kSets = kRows == 1 ? 2 : 1;
  __m512i sum[kSets][kRows][4];
  for (auto& set : sum) {
    for (auto& of_row : set) {
      for (__m512i& s : of_row) s = _mm512_setzero_si512();
    }
  }
  for (std::size_t k = 0; k < padded; k += 2 * kSets) {
    for (std::size_t set = 0; set < kSets; ++set) {
      const std::size_t frame = k + 2 * set;
      __m512i value[4];
      for (std::size_t b = 0; b < 4; ++b)
        value[b] = load_int8_as_int16(cross.values + frame * kHeadSize + 32 * b);
      for (std::size_t row = 0; row < kRows; ++row) {
        const __m512i probability =
            broadcast_pair(reinterpret_cast<const std::int16_t*>(scratch.scores[row]) + frame);
        for (std::size_t b = 0; b < 4; ++b) {
          sum[set][row][b] = _mm512_dpwssd_epi32(sum[set][row][b], probability, value[b]);
        }
      }
    }
  }
  for (std::size_t row = 0; row < kRows; ++row) {
    const __m512 scale = _mm512_set1_ps(scratch.output_scales[row]);
    for (std::size_t b = 0; b < 4; ++b) {
      __m512i total = sum[0][row][b];
      if constexpr (kSets == 2) total = _mm512_add_epi32(total, sum[1][row][b]);
      _mm512_storeu_ps(rows[row].output + 16 * b, _mm512_mul_ps(_mm512_cvtepi32_ps(total), scale));
    }
  }
}

template <std::size_t kRows>
void attend_rows(const std::byte* packed, std::size_t frame_count, std::span<const CrossRow> rows) {
  thread_local Scratch scratch;
  const PackedCross cross = packed_cross(packed, frame_count);
  const std::size_t padded = cross_padded(frame_count);
  for (std::size_t row = 0; row < kRows; ++row) {
    scratch.query_scales[row] = quantize_query(rows[row].query, scratch.queries[row]);
  }
  multiply_keys<kRows>(cross, padded, scratch);
  for (std::size_t row = 0; row < kRows; ++row) {
    softmax_row(cross, frame_count, padded, scratch.scores[row], &scratch.output_scales[row],
                rows[row].weights);
  }
  multiply_values<kRows>(cross, padded, scratch, rows);
}

template <std::size_t... kIndex>
void attend_any(const std::byte* packed, std::size_t frame_count, std::span<const CrossRow> rows,
                std::index_sequence<kIndex...>) {
  using Attend = void (*)(const std::byte*, std::size_t, std::span<const CrossRow>);
  static constexpr Attend kByRows[] = {attend_rows<kIndex + 1>...};
  kByRows[rows.size() - 1](packed, frame_count, rows);
}

// Six rows need 24 sums in the product with the values, which is what the registers hold.
constexpr std::size_t kRowsAtOnce = 6;

void attend(const std::byte* packed, std::size_t frame_count, std::span<const CrossRow> rows) {
  while (!rows.empty()) {
    const std::size_t count = std::min(rows.size(), kRowsAtOnce);
    attend_any(packed, frame_count, rows.first(count), std::make_index_sequence<kRowsAtOnce>());
    rows = rows.subspan(count);
  }
}

}  // namespace

const CrossAttentionKernel& cross_attention_int8_avx512() {
  static constexpr CrossAttentionKernel kKernel = {cross_packed_size, pack, attend};
  return kKernel;
}

}  // namespace katip::engine
