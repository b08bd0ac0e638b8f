#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/kernels/encoder_attention.h"

/// Cross-attention of the decoder: a token looks at the encoded frames of its window.
///
/// The keys and values of one head are packed once when the window was encoded, and read at every
/// step by every row of the window, so their size decides the speed. Rows of one window (beams, the
/// tokens of a prompt) are computed together: the keys are read once for all.
///
/// Units:   scores are scaled by 1/8, the root of the head size.
/// Threads: pure functions of their arguments.
namespace katip::engine {

/// Rows that one attend() call takes at most.
inline constexpr std::size_t kCrossRowsMax = 8;

struct CrossRow {
  const float* query = nullptr;  ///< [64]
  float* output = nullptr;       ///< [64]
  float* weights = nullptr;      ///< [frame_count] receives the softmax; null: not wanted.
};

struct CrossAttentionKernel {
  /// Bytes of one packed head; a multiple of 64.
  std::size_t (*packed_size)(std::size_t frame_count);
  /// key_value [frame_count, 2 * state_size], per row keys, values; `packed` is aligned to 64
  /// bytes.
  void (*pack)(const float* key_value, std::size_t frame_count, std::size_t state_size,
               std::size_t head, std::byte* packed);
  void (*attend)(const std::byte* packed, std::size_t frame_count, std::span<const CrossRow> rows);
};

/// Float32 keys and values; the exact one.
const CrossAttentionKernel& cross_attention_float32();

/// int8 keys and values with a scale per frame, int16 queries and probabilities, exact integer
/// sums: all three give the same products, and differ only in the last bits of the softmax.
const CrossAttentionKernel& cross_attention_int8_scalar();
const CrossAttentionKernel& cross_attention_int8_avx2();
const CrossAttentionKernel& cross_attention_int8_avx512();

}  // namespace katip::engine
