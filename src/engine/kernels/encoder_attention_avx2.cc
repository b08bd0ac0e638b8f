// Float32 with FMA. Tested by encoder_attention_test.cc.
//
// A tile of four queries: scores against all keys, softmax, product with the values. Keys are
// transposed in groups of 16, so that a register holds one dimension of eight keys.
//
// Layouts:  keys [groups of 16 keys][64 dimensions][16 keys], values [keys][64 dimensions]; keys
// padded with zeros.
#include <algorithm>
#include <limits>

#include <immintrin.h>

#include "engine/kernels/encoder_attention.h"
#include "engine/kernels/exp_avx2.h"

namespace katip::engine {
namespace {

constexpr std::size_t kTile = 4;
constexpr std::size_t kGroup = 16;
constexpr float kScale = 0.125f;

std::size_t padded(std::size_t frame_count) { return (frame_count + kGroup - 1) / kGroup * kGroup; }
std::size_t packed_size(std::size_t frame_count) {
  return padded(frame_count) * 2 * kHeadSize * sizeof(float);
}
std::size_t scratch_size(std::size_t frame_count) {
  return kTile * padded(frame_count) * sizeof(float);
}

void pack(const EncoderAttentionShape& shape, const float* qkv, std::byte* packed) {
  const std::size_t key_count = padded(shape.frame_count);
  auto* keys = reinterpret_cast<float*>(packed);
  float* values = keys + key_count * kHeadSize;
  for (std::size_t frame = 0; frame < key_count; ++frame) {
    float* key_to = keys + frame / kGroup * kGroup * kHeadSize + frame % kGroup;
    float* value_to = values + frame * kHeadSize;
    const bool real = frame < shape.frame_count;
    const float* row = qkv + (real ? frame : 0) * 3 * shape.state_size + shape.head * kHeadSize;
    for (std::size_t j = 0; j < kHeadSize; ++j) {
      key_to[j * kGroup] = real ? row[shape.state_size + j] : 0.0f;
      value_to[j] = real ? row[2 * shape.state_size + j] : 0.0f;
    }
  }
}

void multiply_keys(const float* const* queries, const float* keys, std::size_t key_count,
                   float* scores) {
  for (std::size_t group = 0; group < key_count; group += kGroup) {
    __m256 sum[kTile][2];
    for (auto& of_query : sum) of_query[0] = of_query[1] = _mm256_setzero_ps();
    const float* block = keys + group * kHeadSize;
    for (std::size_t j = 0; j < kHeadSize; ++j) {
      const __m256 low = _mm256_load_ps(block + j * kGroup);
      const __m256 high = _mm256_load_ps(block + j * kGroup + 8);
      for (std::size_t m = 0; m < kTile; ++m) {
        const __m256 query = _mm256_broadcast_ss(queries[m] + j);
        sum[m][0] = _mm256_fmadd_ps(query, low, sum[m][0]);
        sum[m][1] = _mm256_fmadd_ps(query, high, sum[m][1]);
      }
    }
    for (std::size_t m = 0; m < kTile; ++m) {
      _mm256_store_ps(scores + m * key_count + group, sum[m][0]);
      _mm256_store_ps(scores + m * key_count + group + 8, sum[m][1]);
    }
  }
}

float softmax_row(float* scores, std::size_t frame_count, std::size_t key_count) {
  const float peak = *std::max_element(scores, scores + frame_count);
  std::fill(scores + frame_count, scores + key_count, -std::numeric_limits<float>::infinity());
  __m256 sum = _mm256_setzero_ps();
  for (std::size_t k = 0; k < key_count; k += 8) {
    const __m256 x = _mm256_sub_ps(_mm256_load_ps(scores + k), _mm256_set1_ps(peak));
    const __m256 p = exp_negative(_mm256_mul_ps(x, _mm256_set1_ps(kScale)));
    sum = _mm256_add_ps(sum, p);
    _mm256_store_ps(scores + k, p);
  }
  return sum_lanes(sum);
}

// Half a head at a time: four queries by four registers leave room for the values.
void multiply_values(const float* scores, const float* values, std::size_t frame_count,
                     std::size_t key_count, const float* sums, std::size_t query_count,
                     float* output, std::size_t output_stride) {
  constexpr std::size_t kPart = 16;
  for (std::size_t part = 0; part < kHeadSize; part += kPart) {
    __m256 sum[kTile][2];
    for (auto& of_query : sum) of_query[0] = of_query[1] = _mm256_setzero_ps();
    for (std::size_t k = 0; k < frame_count; ++k) {
      const __m256 low = _mm256_load_ps(values + k * kHeadSize + part);
      const __m256 high = _mm256_load_ps(values + k * kHeadSize + part + 8);
      for (std::size_t m = 0; m < kTile; ++m) {
        const __m256 p = _mm256_broadcast_ss(scores + m * key_count + k);
        sum[m][0] = _mm256_fmadd_ps(p, low, sum[m][0]);
        sum[m][1] = _mm256_fmadd_ps(p, high, sum[m][1]);
      }
    }
    for (std::size_t m = 0; m < query_count; ++m) {
      const __m256 inverse = _mm256_set1_ps(1.0f / sums[m]);
      _mm256_storeu_ps(output + m * output_stride + part, _mm256_mul_ps(sum[m][0], inverse));
      _mm256_storeu_ps(output + m * output_stride + part + 8, _mm256_mul_ps(sum[m][1], inverse));
    }
  }
}

void attend(const EncoderAttentionShape& shape, const float* qkv, const std::byte* packed,
            std::size_t query_begin, std::size_t query_end, std::byte* scratch, float* output) {
  const std::size_t key_count = padded(shape.frame_count);
  const auto* keys = reinterpret_cast<const float*>(packed);
  const float* values = keys + key_count * kHeadSize;
  auto* scores = reinterpret_cast<float*>(scratch);
  for (std::size_t query = query_begin; query < query_end; query += kTile) {
    const std::size_t count = std::min(kTile, query_end - query);
    const float* queries[kTile];
    for (std::size_t m = 0; m < kTile; ++m) {  // a tile that is not full repeats its first query
      queries[m] =
          qkv + (query + (m < count ? m : 0)) * 3 * shape.state_size + shape.head * kHeadSize;
    }
    multiply_keys(queries, keys, key_count, scores);
    float sums[kTile];
    for (std::size_t m = 0; m < kTile; ++m) {
      sums[m] = softmax_row(scores + m * key_count, shape.frame_count, key_count);
    }
    multiply_values(scores, values, shape.frame_count, key_count, sums, count,
                    output + query * shape.state_size + shape.head * kHeadSize, shape.state_size);
  }
}

}  // namespace

const EncoderAttentionKernel& encoder_attention_avx2() {
  static constexpr EncoderAttentionKernel kKernel = {packed_size, scratch_size, pack, attend};
  return kKernel;
}

}  // namespace katip::engine
