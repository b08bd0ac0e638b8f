// The plain versions. Tested by self_attention_test.cc.
#include <cstring>

#include "engine/kernels/self_attention_loop.h"

namespace katip::engine {
namespace {

struct Float32 {
  static void load(const std::byte* from, float* out) {
    std::memcpy(out, from, kHeadSize * sizeof(float));
  }
};

struct Float16 {
  static void load(const std::byte* from, float* out) {
    _Float16 half[kHeadSize];
    std::memcpy(half, from, sizeof(half));
    for (std::size_t j = 0; j < kHeadSize; ++j) out[j] = static_cast<float>(half[j]);
  }
};

void store_float32(const float* from, std::size_t count, std::byte* to) {
  std::memcpy(to, from, count * sizeof(float));
}

void store_float16(const float* from, std::size_t count, std::byte* to) {
  for (std::size_t j = 0; j < count; ++j) {
    const auto half = static_cast<_Float16>(from[j]);
    std::memcpy(to + j * sizeof(half), &half, sizeof(half));
  }
}

}  // namespace

const SelfAttentionKernel& self_attention_float32() {
  static constexpr SelfAttentionKernel kKernel = {4, store_float32, attend_self<Float32>};
  return kKernel;
}

const SelfAttentionKernel& self_attention_float16_scalar() {
  static constexpr SelfAttentionKernel kKernel = {2, store_float16, attend_self<Float16>};
  return kKernel;
}

}  // namespace katip::engine
