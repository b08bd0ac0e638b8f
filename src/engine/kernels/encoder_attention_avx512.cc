// Products in bf16 (VDPBF16PS), sums and softmax in float32. Tested by encoder_attention_test.cc.
//
// A tile of six queries goes through three passes: scores against all keys, which stay in a buffer
// of the second-level cache; the exact softmax of the rows, rounded to bf16; the product with the
// values. Twenty-four accumulators (6 queries x 4 registers) hide the latency of the dot product in
// both products.
//
// Layouts:  keys   [blocks of 16 keys][32 pairs of dimensions][16 keys][2]   one register: a pair
// for 16 keys
//           values [pairs of keys][64 dimensions][2 keys]                    four registers: a pair
//           of keys
// Keys are padded with zeros to whole groups of 64; their scores are set to -infinity.
#include <algorithm>
#include <cstring>
#include <limits>

#include <immintrin.h>

#include "engine/kernels/encoder_attention.h"
#include "engine/kernels/exp_avx512.h"

namespace katip::engine {
namespace {

constexpr std::size_t kTile = 6;    // queries
constexpr std::size_t kGroup = 64;  // keys that one step of the first product handles
constexpr std::size_t kPairs = kHeadSize / 2;
constexpr float kScale = 0.125f;

std::size_t padded(std::size_t frame_count) { return (frame_count + kGroup - 1) / kGroup * kGroup; }

std::size_t packed_size(std::size_t frame_count) {
  return padded(frame_count) * kHeadSize * 2 * sizeof(std::uint16_t);
}

// Scores in float32, which become probabilities in bf16 in place; and the queries of the tile in
// bf16.
std::size_t scratch_size(std::size_t frame_count) {
  return kTile * padded(frame_count) * sizeof(float) + kTile * kHeadSize * sizeof(std::uint16_t);
}

__m512i to_bf16(const float* x) {  // 32 floats, in order
  return reinterpret_cast<__m512i>(
      _mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + 16), _mm512_loadu_ps(x)));
}

void pack(const EncoderAttentionShape& shape, const float* qkv, std::byte* packed) {
  const std::size_t frame_count = shape.frame_count;
  const std::size_t key_count = padded(frame_count);
  auto* keys = reinterpret_cast<std::uint32_t*>(packed);  // a pair of dimensions is one 32-bit word
  auto* values =
      reinterpret_cast<std::uint16_t*>(packed + key_count * kHeadSize * sizeof(std::uint16_t));
  alignas(64) std::uint16_t row[2][kHeadSize];
  for (std::size_t frame = 0; frame < key_count; frame += 2) {
    for (std::size_t i = 0; i < 2; ++i) {
      std::uint32_t pairs[kPairs] = {};
      std::memset(row[i], 0, sizeof(row[i]));
      if (frame + i < frame_count) {
        const float* from =
            qkv + (frame + i) * 3 * shape.state_size + shape.state_size + shape.head * kHeadSize;
        _mm512_storeu_si512(pairs, to_bf16(from));
        _mm512_storeu_si512(pairs + 16, to_bf16(from + 32));
        _mm512_store_si512(row[i], to_bf16(from + shape.state_size));
        _mm512_store_si512(row[i] + 32, to_bf16(from + shape.state_size + 32));
      }
      std::uint32_t* to = keys + (frame + i) / 16 * 16 * kPairs + (frame + i) % 16;
      for (std::size_t pair = 0; pair < kPairs; ++pair) to[pair * 16] = pairs[pair];
    }
    std::uint16_t* to = values + frame * kHeadSize;
    for (std::size_t j = 0; j < kHeadSize; ++j) {
      to[2 * j] = row[0][j];
      to[2 * j + 1] = row[1][j];
    }
  }
}

__m512bh broadcast_pair(const std::uint16_t* pair) {
  std::uint32_t word;
  std::memcpy(&word, pair, sizeof(word));
  return reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(word)));
}

__m512bh load_bf16(const std::uint16_t* x) {
  return reinterpret_cast<__m512bh>(_mm512_load_si512(x));
}

// scores [kTile, key_count] = queries x keys.
void multiply_keys(const std::uint16_t* queries, const std::uint16_t* keys, std::size_t key_count,
                   float* scores) {
  for (std::size_t group = 0; group < key_count; group += kGroup) {
    const std::uint16_t* block = keys + group * kHeadSize;
    __m512 sum[kTile][4];
    for (auto& of_query : sum) {
      for (__m512& s : of_query) s = _mm512_setzero_ps();
    }
    for (std::size_t pair = 0; pair < kPairs; ++pair) {
      __m512bh key[4];
      for (std::size_t b = 0; b < 4; ++b) key[b] = load_bf16(block + (b * kPairs + pair) * 32);
      for (std::size_t m = 0; m < kTile; ++m) {
        const __m512bh query = broadcast_pair(queries + m * kHeadSize + 2 * pair);
        for (std::size_t b = 0; b < 4; ++b) sum[m][b] = _mm512_dpbf16_ps(sum[m][b], query, key[b]);
      }
    }
    for (std::size_t m = 0; m < kTile; ++m) {
      for (std::size_t b = 0; b < 4; ++b)
        _mm512_store_ps(scores + m * key_count + group + b * 16, sum[m][b]);
    }
  }
}

// Turns one row of scores into unnormalised probabilities in bf16, in place; returns their sum.
float softmax_row(float* scores, std::size_t frame_count, std::size_t key_count) {
  std::fill(scores + frame_count, scores + key_count, -std::numeric_limits<float>::infinity());
  __m512 peak = _mm512_set1_ps(-std::numeric_limits<float>::infinity());
  for (std::size_t k = 0; k < key_count; k += 16)
    peak = _mm512_max_ps(peak, _mm512_load_ps(scores + k));
  const __m512 scale = _mm512_set1_ps(kScale);
  const __m512 offset = _mm512_set1_ps(-kScale * _mm512_reduce_max_ps(peak));
  __m512 sum = _mm512_setzero_ps();
  auto* probabilities = reinterpret_cast<std::uint16_t*>(scores);
  for (std::size_t k = 0; k < key_count; k += 32) {
    const __m512 low = exp_negative(_mm512_fmadd_ps(_mm512_load_ps(scores + k), scale, offset));
    const __m512 high =
        exp_negative(_mm512_fmadd_ps(_mm512_load_ps(scores + k + 16), scale, offset));
    sum = _mm512_add_ps(sum, _mm512_add_ps(low, high));
    _mm512_store_si512(probabilities + k,
                       reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low)));
  }
  return _mm512_reduce_add_ps(sum);
}

// output rows = probabilities x values / sums.
void multiply_values(const float* scores, const std::uint16_t* values, std::size_t key_count,
                     const float* sums, std::size_t query_count, float* output,
                     std::size_t output_stride) {
  __m512 sum[kTile][4];
  for (auto& of_query : sum) {
    for (__m512& s : of_query) s = _mm512_setzero_ps();
  }
  const auto* probabilities = reinterpret_cast<const std::uint16_t*>(scores);
  for (std::size_t k = 0; k < key_count; k += 2) {
    __m512bh value[4];
    for (std::size_t b = 0; b < 4; ++b) value[b] = load_bf16(values + k * kHeadSize + b * 32);
    for (std::size_t m = 0; m < kTile; ++m) {
      const __m512bh probability = broadcast_pair(probabilities + m * 2 * key_count + k);
      for (std::size_t b = 0; b < 4; ++b)
        sum[m][b] = _mm512_dpbf16_ps(sum[m][b], probability, value[b]);
    }
  }
  for (std::size_t m = 0; m < query_count; ++m) {
    const __m512 inverse = _mm512_set1_ps(1.0f / sums[m]);
    for (std::size_t b = 0; b < 4; ++b) {
      _mm512_storeu_ps(output + m * output_stride + b * 16, _mm512_mul_ps(sum[m][b], inverse));
    }
  }
}

void attend(const EncoderAttentionShape& shape, const float* qkv, const std::byte* packed,
            std::size_t query_begin, std::size_t query_end, std::byte* scratch, float* output) {
  const std::size_t key_count = padded(shape.frame_count);
  const auto* keys = reinterpret_cast<const std::uint16_t*>(packed);
  const std::uint16_t* values = keys + key_count * kHeadSize;
  auto* scores = reinterpret_cast<float*>(scratch);
  auto* queries = reinterpret_cast<std::uint16_t*>(scores + kTile * key_count);
  for (std::size_t query = query_begin; query < query_end; query += kTile) {
    const std::size_t count = std::min(kTile, query_end - query);
    for (std::size_t m = 0; m < kTile; ++m) {  // a tile that is not full repeats its first query
      const std::size_t frame = query + (m < count ? m : 0);
      const float* from = qkv + frame * 3 * shape.state_size + shape.head * kHeadSize;
      _mm512_storeu_si512(queries + m * kHeadSize, to_bf16(from));
      _mm512_storeu_si512(queries + m * kHeadSize + 32, to_bf16(from + 32));
    }
    multiply_keys(queries, keys, key_count, scores);
    float sums[kTile];
    for (std::size_t m = 0; m < kTile; ++m) {
      sums[m] = softmax_row(scores + m * key_count, shape.frame_count, key_count);
    }
    multiply_values(scores, values, key_count, sums, count,
                    output + query * shape.state_size + shape.head * kHeadSize, shape.state_size);
  }
}

}  // namespace

const EncoderAttentionKernel& encoder_attention_avx512() {
  static constexpr EncoderAttentionKernel kKernel = {packed_size, scratch_size, pack, attend};
  return kKernel;
}

}  // namespace katip::engine
