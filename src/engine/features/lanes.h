#pragma once

#include <cstddef>

/// Vectors of floats whose lanes are independent: lane i belongs to frame i of a tile, so one plain
/// expression works on many frames at once.
///
/// The vector type is the parameter of every template here. Each instruction set has a width of
/// its own (one file each), so two files never instantiate the same function with different
/// compile flags. For the same reason nothing here may call a function that is not a template on V.
namespace katip::engine {

using Lanes1 = float __attribute__((vector_size(4)));
using Lanes8 = float __attribute__((vector_size(32)));
using Lanes16 = float __attribute__((vector_size(64)));

template <class V>
inline constexpr int kLaneCount = static_cast<int>(sizeof(V) / sizeof(float));

/// The vector of 32-bit integers as wide as V: what a comparison gives.
template <class V>
using LaneInts = decltype(V{} < V{});

template <class V>
[[gnu::always_inline]] inline V load_lanes(const float* source) {
  V lanes;
  __builtin_memcpy(&lanes, source, sizeof(V));
  return lanes;
}

template <class V>
[[gnu::always_inline]] inline void store_lanes(float* target, V lanes) {
  __builtin_memcpy(target, &lanes, sizeof(V));
}

template <class V>
[[gnu::always_inline]] inline V all_lanes(float value) {
  return V{} + value;
}

template <class V>
[[gnu::always_inline]] inline V larger(V a, V b) {
  return a > b ? a : b;
}

template <class V>
[[gnu::always_inline]] inline LaneInts<V> bits_of(V lanes) {
  return __builtin_bit_cast(LaneInts<V>, lanes);
}

/// log10 of positive, normal numbers; absolute error below 1e-6.
///
/// x = m * 2^e with m in [sqrt(1/2), sqrt(2)), and log(m) = 2 atanh(s) with s = (m - 1) / (m + 1):
/// |s| < 0.172, so five terms of the odd series are exact to float precision.
template <class V>
[[gnu::always_inline]] inline V log10_lanes(V x) {
  constexpr int kSqrtHalfBits = 0x3f3504f3;
  const LaneInts<V> exponent = (bits_of(x) - kSqrtHalfBits) >> 23;
  const V m = __builtin_bit_cast(V, bits_of(x) - (exponent << 23));
  const V s = (m - 1.0f) / (m + 1.0f);
  const V z = s * s;
  const V series = 1.0f + z * (1.0f / 3 + z * (1.0f / 5 + z * (1.0f / 7 + z * (1.0f / 9))));
  return __builtin_convertvector(exponent, V) * 0.301029996f + s * series * 0.868588964f;
}

/// e^x for x in [-87, 87]; relative error below 3e-7. Outside, x is taken as the nearer limit.
template <class V>
[[gnu::always_inline]] inline V exp_lanes(V x) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it leaves an integer in the low bits.
  x = larger(all_lanes<V>(-87.0f), x);
  x = x < 87.0f ? x : all_lanes<V>(87.0f);
  const V shifted = x * 1.44269504f + kRound;
  const V n = shifted - kRound;
  const V r = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts
  const V tail = 1.0f / 24 + r * (1.0f / 120 + r * (1.0f / 720 + r * (1.0f / 5040)));
  const V series = 1.0f + r * (1.0f + r * (0.5f + r * (1.0f / 6 + r * tail)));
  const LaneInts<V> power = (bits_of(shifted) - bits_of(all_lanes<V>(kRound)) + 127) << 23;
  return series * __builtin_bit_cast(V, power);
}

}  // namespace katip::engine
