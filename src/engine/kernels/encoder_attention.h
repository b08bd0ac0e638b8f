#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels/cpu.h"

/// Self-attention of the encoder: every frame looks at every frame of its window, without a mask.
///
/// The work comes in two steps, so that threads can share it: pack() turns the keys and values of
/// one head into the layout that the kernel reads, then attend() computes any range of queries of
/// that head.
///
/// Shapes:  qkv [frame_count, 3 * state_size], row-major, per row queries, keys, values; head h has
/// columns
///          [64 h, 64 h + 64) of each third. output [frame_count, state_size].
/// Units:   scores are scaled by 1/8, the root of the head size.
/// Threads: pure functions of their arguments; a packed head may be read by any number of threads.
namespace katip::engine {

inline constexpr std::size_t kHeadSize = 64;

struct EncoderAttentionShape {
  std::size_t frame_count = 0;
  std::size_t state_size = 0;
  std::size_t head = 0;
};

struct EncoderAttentionKernel {
  /// Bytes that pack() fills for one head.
  std::size_t (*packed_size)(std::size_t frame_count);
  /// Bytes that one attend() call uses as scratch.
  std::size_t (*scratch_size)(std::size_t frame_count);
  void (*pack)(const EncoderAttentionShape& shape, const float* qkv, std::byte* packed);
  /// Queries [query_begin, query_end). `packed` and `scratch` are aligned to 64 bytes.
  void (*attend)(const EncoderAttentionShape& shape, const float* qkv, const std::byte* packed,
                 std::size_t query_begin, std::size_t query_end, std::byte* scratch, float* output);
};

/// Float32 throughout.
const EncoderAttentionKernel& encoder_attention_scalar();
const EncoderAttentionKernel& encoder_attention_avx2();
/// Products in bf16 with float32 sums; about three decimal digits.
const EncoderAttentionKernel& encoder_attention_avx512();

}  // namespace katip::engine
