#include "engine/kernels/cross_layout.h"

namespace katip::engine {
namespace {

float quantize(const float* from, std::int8_t* to) {
  float peak = 0.0f;
  for (std::size_t j = 0; j < kHeadSize; ++j) peak = std::max(peak, std::fabs(from[j]));
  const float inverse = peak > 0.0f ? 127.0f / peak : 0.0f;
  for (std::size_t j = 0; j < kHeadSize; ++j)
    to[j] = static_cast<std::int8_t>(std::lrint(from[j] * inverse));
  return peak / 127.0f;
}

}  // namespace

std::size_t cross_packed_size(std::size_t frame_count) { return CrossLayout(frame_count).size(); }

void cross_pack(const float* key_value, std::size_t frame_count, std::size_t state_size,
                std::size_t head, std::byte* packed) {
  const CrossLayout layout(frame_count);
  auto* keys = reinterpret_cast<std::int8_t*>(packed);
  auto* values = reinterpret_cast<std::int8_t*>(packed + layout.values_at());
  auto* key_scales = reinterpret_cast<float*>(packed + layout.key_scales_at());
  auto* value_scales = reinterpret_cast<float*>(packed + layout.value_scales_at());
  std::int8_t key[kHeadSize];
  std::int8_t value[kHeadSize];
  for (std::size_t frame = 0; frame < layout.padded; ++frame) {
    std::memset(key, 0, sizeof(key));
    std::memset(value, 0, sizeof(value));
    key_scales[frame] = 0.0f;
    value_scales[frame] = 0.0f;
    if (frame < frame_count) {
      const float* row = key_value + frame * 2 * state_size + head * kHeadSize;
      key_scales[frame] = quantize(row, key) * kScoreScale;
      value_scales[frame] = quantize(row + state_size, value);
    }
    std::int8_t* key_to = keys + frame / 16 * 16 * kHeadSize + frame % 16 * 2;
    std::int8_t* value_to = values + frame / 2 * 2 * kHeadSize + frame % 2;
    for (std::size_t pair = 0; pair < kHeadSize / 2; ++pair) {
      key_to[pair * 32] = key[2 * pair];
      key_to[pair * 32 + 1] = key[2 * pair + 1];
    }
    for (std::size_t j = 0; j < kHeadSize; ++j) value_to[2 * j] = value[j];
  }
}

}  // namespace katip::engine
