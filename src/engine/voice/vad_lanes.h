#pragma once

#include "engine/features/lane_fft.h"
#include "engine/features/lanes.h"
#include "engine/voice/vad_kernels.h"

/// The network for any width of vector; vad_scalar.cc, vad_avx2.cc and vad_avx512.cc each compile
/// it once.
///
/// Everything before the recurrent layer looks at one frame alone, so kVectors vectors of frames
/// (a tile) go through it together, one frame a lane: a buffer is [time step, channel, frame]. A
/// convolution's taps and channels are then one run of rows, and each output channel is a sum of
/// rows times weights. The recurrent layer goes frame by frame, with its units in the lanes.
namespace katip::engine {

template <class V>
[[gnu::always_inline]] inline V sigmoid_lanes(V x) {
  return 1.0f / (1.0f + exp_lanes(-x));
}

template <class V>
[[gnu::always_inline]] inline V tanh_lanes(V x) {
  return 2.0f * sigmoid_lanes(2.0f * x) - 1.0f;
}

/// Square root of numbers of at least 0, by Newton's steps towards 1 / sqrt(x): the vector types
/// have no operator for it. Relative error below 1e-6.
template <class V>
[[gnu::always_inline]] inline V sqrt_lanes(V x) {
  V inverse = __builtin_bit_cast(V, 0x5f3759df - (bits_of(x) >> 1));
  for (int step = 0; step < 3; ++step) inverse *= 1.5f - 0.5f * x * inverse * inverse;
  return x * inverse;
}

/// Lays the samples out as [64 + 512 rows, frame]; lanes without a frame hear silence.
template <class V, int kVectors>
void spread_vad_samples(const float* samples, int frame_count, float* rows) {
  constexpr int kTile = kVectors * kLaneCount<V>;
  for (int frame = 0; frame < kTile; ++frame) {
    const float* source = samples + frame * kVadFrame;
    for (int i = 0; i < kVadContext + kVadFrame; ++i) {
      rows[i * kTile + frame] = frame < frame_count ? source[i] : 0.0f;
    }
  }
}

/// The magnitudes [129, tile] of one time step for the vector of frames at `vector`.
template <class V, int kVectors>
void vad_magnitudes(const VadTables& tables, const float* rows, int step, int vector, float* out) {
  constexpr int kTile = kVectors * kLaneCount<V>;
  constexpr int kInput = kVadContext + kVadFrame;
  ComplexLanes<V> data[kVadFft / 2];
  ComplexLanes<V> spare[kVadFft / 2];
  V power[kVadBins];
  const auto windowed = [&](int i) {
    const int at = step * kVadFft / 2 + i;
    const int row = at < kInput ? at : 2 * (kInput - 1) - at;  // the end is reflected
    return load_lanes<V>(rows + row * kTile + vector * kLaneCount<V>) * tables.window[i];
  };
  for (int i = 0; i < kVadFft / 2; ++i) data[i] = {windowed(2 * i), windowed(2 * i + 1)};
  power_of_real(tables.fft, fft_lanes(tables.fft, data, spare), power);
  for (int bin = 0; bin < kVadBins; ++bin) {
    store_lanes(out + bin * kTile + vector * kLaneCount<V>, sqrt_lanes(power[bin]));
  }
}

enum class Activation { kNone, kRelu };

/// kRows output channels of a tile: out[r] = bias[r] + sum over k of weights[k * 8 + r] * in[k].
template <class V, int kVectors, int kRows, Activation kActivation>
[[gnu::always_inline]] inline void vad_panel(const float* weights, const float* bias,
                                             const float* in, int row_count, float* out) {
  constexpr int kTile = kVectors * kLaneCount<V>;
  V sums[kRows][kVectors];
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) sums[r][v] = all_lanes<V>(bias[r]);
  }
  for (int k = 0; k < row_count; ++k) {
    V column[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      column[v] = load_lanes<V>(in + k * kTile + v * kLaneCount<V>);
    }
    for (int r = 0; r < kRows; ++r) {
      const V weight = all_lanes<V>(weights[k * kVadPanelRows + r]);
      for (int v = 0; v < kVectors; ++v) sums[r][v] += column[v] * weight;
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      const V sum = kActivation == Activation::kRelu ? larger(sums[r][v], V{}) : sums[r][v];
      store_lanes(out + r * kTile + v * kLaneCount<V>, sum);
    }
  }
}

/// One layer over a tile: in [step_count, input, tile] -> out [steps, output, tile], zeros around.
template <class V, int kVectors, Activation kActivation>
void vad_layer(const VadLayer& layer, const float* in, int step_count, float* out) {
  constexpr int kTile = kVectors * kLaneCount<V>;
  constexpr int kRows = kLaneCount<V> == 16 ? 8 : 4;  // as many sums as there are registers for
  const int pad = layer.tap_count / 2;
  const int panel_size = layer.tap_count * layer.input_count * kVadPanelRows;
  for (int output = 0; output < layer.output_count; output += kRows) {
    const float* panel =
        layer.panels + output / kVadPanelRows * panel_size + output % kVadPanelRows;
    for (int step = 0; step * layer.stride < step_count; ++step) {
      const int first = step * layer.stride - pad;
      const int begin = first < 0 ? 0 : first;
      const int end = first + layer.tap_count < step_count ? first + layer.tap_count : step_count;
      const float* weights = panel + (begin - first) * layer.input_count * kVadPanelRows;
      vad_panel<V, kVectors, kRows, kActivation>(
          weights, layer.bias + output, in + begin * layer.input_count * kTile,
          (end - begin) * layer.input_count, out + (step * layer.output_count + output) * kTile);
    }
  }
}

/// gates += recurrent weights * hidden, eight vectors of sums at a time.
template <class V>
void add_recurrent(const float* recurrent, const float* hidden, float* gates) {
  constexpr int kSums = 8;
  constexpr int kWidth = kSums * kLaneCount<V>;
  for (int gate = 0; gate < 4; ++gate) {
    for (int unit = 0; unit < kVadUnits; unit += kWidth) {
      const float* weights = recurrent + gate * kVadUnits * kVadUnits + unit;
      float* target = gates + gate * kVadUnits + unit;
      V sums[kSums];
      for (int i = 0; i < kSums; ++i) sums[i] = load_lanes<V>(target + i * kLaneCount<V>);
      for (int from = 0; from < kVadUnits; ++from) {
        for (int i = 0; i < kSums; ++i) {
          sums[i] += load_lanes<V>(weights + from * kVadUnits + i * kLaneCount<V>) * hidden[from];
        }
      }
      for (int i = 0; i < kSums; ++i) store_lanes(target + i * kLaneCount<V>, sums[i]);
    }
  }
}

/// One step of the recurrent layer and the output behind it; `gates` [input, forget, cell, output].
template <class V>
float vad_step(const VadTables& tables, float* gates, VadMemory& memory) {
  add_recurrent<V>(tables.recurrent, memory.hidden, gates);
  V score = {};
  for (int unit = 0; unit < kVadUnits; unit += kLaneCount<V>) {
    const V input = sigmoid_lanes(load_lanes<V>(gates + unit));
    const V forget = sigmoid_lanes(load_lanes<V>(gates + kVadUnits + unit));
    const V candidate = tanh_lanes(load_lanes<V>(gates + 2 * kVadUnits + unit));
    const V output = sigmoid_lanes(load_lanes<V>(gates + 3 * kVadUnits + unit));
    const V cell = forget * load_lanes<V>(memory.cell + unit) + input * candidate;
    const V hidden = output * tanh_lanes(cell);
    store_lanes(memory.cell + unit, cell);
    store_lanes(memory.hidden + unit, hidden);
    score += larger(hidden, V{}) * load_lanes<V>(tables.output + unit);
  }
  float sum = tables.output_bias;
  for (int i = 0; i < kLaneCount<V>; ++i) sum += score[i];
  return sigmoid_lanes(all_lanes<V>(sum))[0];
}

template <class V, int kVectors>
void vad_tile(const VadTables& tables, const float* samples, int frame_count, VadWorkspace& work,
              VadMemory& memory, float* probabilities) {
  constexpr int kTile = kVectors * kLaneCount<V>;
  spread_vad_samples<V, kVectors>(samples, frame_count, work.samples);
  for (int step = 0; step < 4; ++step) {
    for (int vector = 0; vector < kVectors; ++vector) {
      vad_magnitudes<V, kVectors>(tables, work.samples, step, vector,
                                  work.magnitudes + step * kVadBins * kTile);
    }
  }
  vad_layer<V, kVectors, Activation::kRelu>(tables.encoder[0], work.magnitudes, 4, work.layer1);
  vad_layer<V, kVectors, Activation::kRelu>(tables.encoder[1], work.layer1, 4, work.layer2);
  vad_layer<V, kVectors, Activation::kRelu>(tables.encoder[2], work.layer2, 2, work.layer3);
  vad_layer<V, kVectors, Activation::kRelu>(tables.encoder[3], work.layer3, 1, work.layer4);
  vad_layer<V, kVectors, Activation::kNone>(tables.gates, work.layer4, 1, work.gates);
  for (int frame = 0; frame < frame_count; ++frame) {
    alignas(64) float gates[4 * kVadUnits];
    for (int i = 0; i < 4 * kVadUnits; ++i) gates[i] = work.gates[i * kTile + frame];
    probabilities[frame] = vad_step<V>(tables, gates, memory);
  }
}

/// Three vectors of frames at a time keep every register busy; what is left goes one by one.
template <class V>
void vad_frames(const VadTables& tables, const float* samples, int frame_count, VadWorkspace& work,
                VadMemory& memory, float* probabilities) {
  constexpr int kLanes = kLaneCount<V>;
  static_assert(3 * kLanes <= kVadTileMax);
  int frame = 0;
  while (frame < frame_count) {
    const int left = frame_count - frame;
    const float* source = samples + frame * kVadFrame;
    if (left > 2 * kLanes) {
      const int count = left < 3 * kLanes ? left : 3 * kLanes;
      vad_tile<V, 3>(tables, source, count, work, memory, probabilities + frame);
      frame += count;
    } else {
      const int count = left < kLanes ? left : kLanes;
      vad_tile<V, 1>(tables, source, count, work, memory, probabilities + frame);
      frame += count;
    }
  }
}

}  // namespace katip::engine
