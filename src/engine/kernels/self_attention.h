#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/kernels/encoder_attention.h"

/// Self-attention of the decoder: a token looks at itself and at the tokens before it.
///
/// Keys and values stand where their token was computed, so the past of a row is a list of places:
/// beams share what they have in common, and nothing is copied when a beam forks.
///
/// Units:   scores are scaled by 1/8.
/// Threads: pure functions of their arguments.
namespace katip::engine {

struct SelfRow {
  const float* query = nullptr;  ///< [64]
  float* output = nullptr;       ///< [64]
  /// Per past token, oldest first, the row itself last: its keys of this head, [64]; the values
  /// stand `value_offset` elements behind.
  std::span<std::byte* const> tokens;
  std::size_t head_offset = 0;   ///< Bytes from a token's place to this head's keys.
  std::size_t value_offset = 0;  ///< Bytes from there to its values.
};

/// Longest past: Whisper's decoder has 448 positions.
inline constexpr std::size_t kSelfTokensMax = 448;

struct SelfAttentionKernel {
  std::size_t element_size;  ///< Bytes of a stored number: 4 or 2.
  /// Stores `count` floats as cache elements.
  void (*store)(const float* from, std::size_t count, std::byte* to);
  void (*attend)(const SelfRow& row);
};

const SelfAttentionKernel& self_attention_float32();
/// Keys and values as IEEE half floats.
const SelfAttentionKernel& self_attention_float16_scalar();
const SelfAttentionKernel& self_attention_float16_avx2();
const SelfAttentionKernel& self_attention_float16_avx512();

}  // namespace katip::engine
