#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/kernels/cross_attention.h"

/// The packed form of int8 keys and values that the int8 kernels share. Private to kernels.
///
/// Frames are padded to whole groups of 32; padded frames have zero scales and are masked after the
/// scores.
///   keys         [groups of 16 frames][32 pairs of dimensions][16 frames][2]   int8
///   values       [pairs of frames][64 dimensions][2 frames]                    int8
///   key_scales   [padded]  float, root scale 1/8 included
///   value_scales [padded]  float
namespace katip::engine {

inline constexpr std::size_t kCrossGroup = 32;
/// Sum of a row's int16 probabilities: times 127 it still fits an int32 accumulator.
inline constexpr float kProbabilitySumMax = 16.0e6f;
inline constexpr float kInt16Max = 32767.0f;
inline constexpr float kScoreScale = 0.125f;

inline std::size_t cross_padded(std::size_t frame_count) {
  return (frame_count + kCrossGroup - 1) / kCrossGroup * kCrossGroup;
}

struct CrossLayout {
  explicit CrossLayout(std::size_t frame_count) : padded(cross_padded(frame_count)) {}
  std::size_t padded;
  [[nodiscard]] std::size_t values_at() const { return padded * kHeadSize; }
  [[nodiscard]] std::size_t key_scales_at() const { return 2 * padded * kHeadSize; }
  [[nodiscard]] std::size_t value_scales_at() const {
    return key_scales_at() + padded * sizeof(float);
  }
  [[nodiscard]] std::size_t size() const { return value_scales_at() + padded * sizeof(float); }
};

struct PackedCross {
  const std::int8_t* keys;
  const std::int8_t* values;
  const float* key_scales;
  const float* value_scales;
};

inline PackedCross packed_cross(const std::byte* packed, std::size_t frame_count) {
  const CrossLayout layout(frame_count);
  return {reinterpret_cast<const std::int8_t*>(packed),
          reinterpret_cast<const std::int8_t*>(packed + layout.values_at()),
          reinterpret_cast<const float*>(packed + layout.key_scales_at()),
          reinterpret_cast<const float*>(packed + layout.value_scales_at())};
}

/// The size is the same for every instruction set, and so is what packing writes.
std::size_t cross_packed_size(std::size_t frame_count);
void cross_pack(const float* key_value, std::size_t frame_count, std::size_t state_size,
                std::size_t head, std::byte* packed);

/// Writes the query as int16 and returns its scale.
inline float quantize_query(const float* query, std::int16_t* out) {
  float peak = 1e-20f;
  for (std::size_t j = 0; j < kHeadSize; ++j) peak = std::max(peak, std::fabs(query[j]));
  const float inverse = kInt16Max / peak;
  for (std::size_t j = 0; j < kHeadSize; ++j) {
    out[j] = static_cast<std::int16_t>(std::lrint(query[j] * inverse));
  }
  return peak / kInt16Max;
}

/// The factor that turns probabilities (times their value scales) into int16: as fine as both
/// limits allow.
inline float probability_factor(float peak, float sum) {
  return std::min(kInt16Max / std::max(peak, 1e-30f), kProbabilitySumMax / std::max(sum, 1e-30f));
}

}  // namespace katip::engine
