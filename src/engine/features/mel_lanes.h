#pragma once

#include "engine/features/lane_fft.h"
#include "engine/features/lanes.h"
#include "engine/features/mel_kernels.h"

/// The mel kernel for any width of vector; mel_scalar.cc, mel_avx2.cc and mel_avx512.cc each
/// compile it once.
///
/// A tile is as many frames as V has lanes. Its samples are first laid out so that "sample n of
/// all frames" is one contiguous vector: frames are 160 samples apart, so with column q holding
/// samples [160 q, 160 q + 160), sample 160 a + r of frame f is in row r, column f + a.
namespace katip::engine {

template <class V>
struct MelTile {
  static constexpr int kColumnCount = kLaneCount<V> + 2;
  static constexpr int kHalf = kMelFft / 2;

  float samples[kMelHop * kColumnCount];
  ComplexLanes<V> data[kHalf];
  ComplexLanes<V> spare[kHalf];
  V power[kHalf + 1];
};

template <class V>
void spread_samples(const float* signal, MelTile<V>& tile) {
  constexpr int kColumns = MelTile<V>::kColumnCount;
  // Frames are 2.5 hops long: of the last column only the first half is anybody's.
  for (int column = 0; column < kColumns; ++column) {
    const int row_count = column == kColumns - 1 ? kMelFft - 2 * kMelHop : kMelHop;
    for (int row = 0; row < row_count; ++row) {
      tile.samples[row * kColumns + column] = signal[column * kMelHop + row];
    }
  }
}

template <class V>
void pair_windowed_samples(const MelTables& tables, MelTile<V>& tile) {
  constexpr int kColumns = MelTile<V>::kColumnCount;
  for (int i = 0; i < MelTile<V>::kHalf; ++i) {
    // A pair never straddles two hops: both the hop and the pair's first index are even.
    const float* source = tile.samples + (2 * i % kMelHop) * kColumns + 2 * i / kMelHop;
    tile.data[i].re = load_lanes<V>(source) * tables.window[2 * i];
    tile.data[i].im = load_lanes<V>(source + kColumns) * tables.window[2 * i + 1];
  }
}

template <class V>
V log_mel_of(const MelFilter& filter, const V* power) {
  V sum = {};
  for (int i = 0; i < filter.bin_count; ++i) sum += power[filter.first_bin + i] * filter.weights[i];
  return log10_lanes(larger(sum, all_lanes<V>(1e-10f)));
}

template <class V>
void log_mel_frames(const MelTables& tables, const float* signal, int frame_count, float* out,
                    std::size_t stride) {
  constexpr int kLanes = kLaneCount<V>;
  MelTile<V> tile;
  for (int frame = 0; frame < frame_count; frame += kLanes) {
    spread_samples(signal + frame * kMelHop, tile);
    pair_windowed_samples(tables, tile);
    power_of_real(tables.fft, fft_lanes(tables.fft, tile.data, tile.spare), tile.power);
    const int used = frame_count - frame < kLanes ? frame_count - frame : kLanes;
    for (int mel = 0; mel < tables.mel_count; ++mel) {
      const V value = log_mel_of(tables.filters[mel], tile.power);
      float* target = out + static_cast<std::size_t>(mel) * stride + frame;
      if (used == kLanes) {
        store_lanes(target, value);
      } else {
        __builtin_memcpy(target, &value, static_cast<std::size_t>(used) * sizeof(float));
      }
    }
  }
}

}  // namespace katip::engine
