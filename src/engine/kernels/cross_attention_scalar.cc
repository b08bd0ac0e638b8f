// The plain versions. Float32 is the exact one; int8 is the oracle of the SIMD files. Tested by
// cross_attention_test.cc.
#include <limits>
#include <vector>

#include "engine/kernels/cross_layout.h"

namespace katip::engine {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// ---- float32: keys [frame_count, 64], then values.

std::size_t float_packed_size(std::size_t frame_count) {
  return frame_count * 2 * kHeadSize * sizeof(float);
}

void float_pack(const float* key_value, std::size_t frame_count, std::size_t state_size,
                std::size_t head, std::byte* packed) {
  auto* keys = reinterpret_cast<float*>(packed);
  float* values = keys + frame_count * kHeadSize;
  for (std::size_t frame = 0; frame < frame_count; ++frame) {
    const float* row = key_value + frame * 2 * state_size + head * kHeadSize;
    std::copy_n(row, kHeadSize, keys + frame * kHeadSize);
    std::copy_n(row + state_size, kHeadSize, values + frame * kHeadSize);
  }
}

void float_attend(const std::byte* packed, std::size_t frame_count,
                  std::span<const CrossRow> rows) {
  const auto* keys = reinterpret_cast<const float*>(packed);
  const float* values = keys + frame_count * kHeadSize;
  std::vector<float> scores(frame_count);
  for (const CrossRow& row : rows) {
    float peak = -kInfinity;
    for (std::size_t frame = 0; frame < frame_count; ++frame) {
      float score = 0.0f;
      for (std::size_t j = 0; j < kHeadSize; ++j)
        score += row.query[j] * keys[frame * kHeadSize + j];
      scores[frame] = score * kScoreScale;
      peak = std::max(peak, scores[frame]);
    }
    float sum = 0.0f;
    for (float& score : scores) sum += score = std::exp(score - peak);
    float total[kHeadSize] = {};
    for (std::size_t frame = 0; frame < frame_count; ++frame) {
      for (std::size_t j = 0; j < kHeadSize; ++j)
        total[j] += scores[frame] * values[frame * kHeadSize + j];
    }
    for (std::size_t j = 0; j < kHeadSize; ++j) row.output[j] = total[j] / sum;
    if (row.weights != nullptr) {
      for (std::size_t frame = 0; frame < frame_count; ++frame)
        row.weights[frame] = scores[frame] / sum;
    }
  }
}

// ---- int8

void int8_attend(const std::byte* packed, std::size_t frame_count, std::span<const CrossRow> rows) {
  const PackedCross cross = packed_cross(packed, frame_count);
  std::vector<float> scores(frame_count);
  for (const CrossRow& row : rows) {
    std::int16_t query[kHeadSize];
    const float query_scale = quantize_query(row.query, query);
    float peak = -kInfinity;
    for (std::size_t frame = 0; frame < frame_count; ++frame) {
      const std::int8_t* key = cross.keys + frame / 16 * 16 * kHeadSize + frame % 16 * 2;
      std::int32_t dot = 0;
      for (std::size_t j = 0; j < kHeadSize; ++j) dot += query[j] * key[j / 2 * 32 + j % 2];
      scores[frame] = static_cast<float>(dot) * (query_scale * cross.key_scales[frame]);
      peak = std::max(peak, scores[frame]);
    }
    float sum = 0.0f;
    float scaled_sum = 0.0f;
    float scaled_peak = 0.0f;
    for (std::size_t frame = 0; frame < frame_count; ++frame) {
      scores[frame] = std::exp(scores[frame] - peak);
      sum += scores[frame];
      const float scaled = scores[frame] * cross.value_scales[frame];
      scaled_sum += scaled;
      scaled_peak = std::max(scaled_peak, scaled);
    }
    const float factor = probability_factor(scaled_peak, scaled_sum);
    std::int32_t total[kHeadSize] = {};
    for (std::size_t frame = 0; frame < frame_count; ++frame) {
      const auto probability =
          static_cast<std::int32_t>(std::lrint(scores[frame] * cross.value_scales[frame] * factor));
      const std::int8_t* value = cross.values + frame / 2 * 2 * kHeadSize + frame % 2;
      for (std::size_t j = 0; j < kHeadSize; ++j) total[j] += probability * value[2 * j];
    }
    for (std::size_t j = 0; j < kHeadSize; ++j)
      row.output[j] = static_cast<float>(total[j]) / (factor * sum);
    if (row.weights != nullptr) {
      for (std::size_t frame = 0; frame < frame_count; ++frame)
        row.weights[frame] = scores[frame] / sum;
    }
  }
}

}  // namespace

const CrossAttentionKernel& cross_attention_float32() {
  static constexpr CrossAttentionKernel kKernel = {float_packed_size, float_pack, float_attend};
  return kKernel;
}

const CrossAttentionKernel& cross_attention_int8_scalar() {
  static constexpr CrossAttentionKernel kKernel = {cross_packed_size, cross_pack, int8_attend};
  return kKernel;
}

}  // namespace katip::engine
