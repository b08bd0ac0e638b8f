// The plain version, float32: the oracle of the others. Tested by encoder_attention_test.cc.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/kernels/encoder_attention.h"

namespace katip::engine {
namespace {

constexpr float kScale = 0.125f;

std::size_t packed_size(std::size_t frame_count) {
  return frame_count * 2 * kHeadSize * sizeof(float);
}
std::size_t scratch_size(std::size_t frame_count) { return frame_count * sizeof(float); }

// packed: keys [frame_count, 64], then values [frame_count, 64].
void pack(const EncoderAttentionShape& shape, const float* qkv, std::byte* packed) {
  float* keys = reinterpret_cast<float*>(packed);
  float* values = keys + shape.frame_count * kHeadSize;
  for (std::size_t frame = 0; frame < shape.frame_count; ++frame) {
    const float* row = qkv + frame * 3 * shape.state_size + shape.head * kHeadSize;
    std::copy_n(row + shape.state_size, kHeadSize, keys + frame * kHeadSize);
    std::copy_n(row + 2 * shape.state_size, kHeadSize, values + frame * kHeadSize);
  }
}

void attend(const EncoderAttentionShape& shape, const float* qkv, const std::byte* packed,
            std::size_t query_begin, std::size_t query_end, std::byte* scratch, float* output) {
  const float* keys = reinterpret_cast<const float*>(packed);
  const float* values = keys + shape.frame_count * kHeadSize;
  float* scores = reinterpret_cast<float*>(scratch);
  for (std::size_t query = query_begin; query < query_end; ++query) {
    const float* q = qkv + query * 3 * shape.state_size + shape.head * kHeadSize;
    float peak = -std::numeric_limits<float>::infinity();
    for (std::size_t frame = 0; frame < shape.frame_count; ++frame) {
      float score = 0.0f;
      for (std::size_t j = 0; j < kHeadSize; ++j) score += q[j] * keys[frame * kHeadSize + j];
      scores[frame] = score * kScale;
      peak = std::max(peak, scores[frame]);
    }
    float sum = 0.0f;
    for (std::size_t frame = 0; frame < shape.frame_count; ++frame) {
      sum += scores[frame] = std::exp(scores[frame] - peak);
    }
    float* out = output + query * shape.state_size + shape.head * kHeadSize;
    std::fill_n(out, kHeadSize, 0.0f);
    for (std::size_t frame = 0; frame < shape.frame_count; ++frame) {
      for (std::size_t j = 0; j < kHeadSize; ++j)
        out[j] += scores[frame] * values[frame * kHeadSize + j];
    }
    for (std::size_t j = 0; j < kHeadSize; ++j) out[j] /= sum;
  }
}

}  // namespace

const EncoderAttentionKernel& encoder_attention_scalar() {
  static constexpr EncoderAttentionKernel kKernel = {packed_size, scratch_size, pack, attend};
  return kKernel;
}

}  // namespace katip::engine
