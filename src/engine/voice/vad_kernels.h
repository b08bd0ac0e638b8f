#pragma once

#include "engine/features/fft_tables.h"

namespace katip::engine {

inline constexpr int kVadFrame = 512;    ///< New samples a frame.
inline constexpr int kVadContext = 64;   ///< Samples before them that the network sees again.
inline constexpr int kVadUnits = 128;    ///< Of the recurrent layer.
inline constexpr int kVadTileMax = 48;   ///< Frames that the widest kernel takes at once.
inline constexpr int kVadPanelRows = 8;  ///< Output channels whose weights lie side by side.
inline constexpr int kVadFft = 256;
inline constexpr int kVadBins = kVadFft / 2 + 1;

/// A convolution over time, as products of weight panels and columns of input.
///
/// Shapes:  panels [output_count / 8, tap_count * input_count, 8].
struct VadLayer {
  int input_count = 0;
  int output_count = 0;
  int tap_count = 0;
  int stride = 0;
  const float* panels = nullptr;
  const float* bias = nullptr;  ///< [output_count]
};

/// The network as plain pointers for the kernels. Lifetime: points into the SileroWeights it is of.
struct VadTables {
  FftPlan fft;                    ///< Complex, of 128 points.
  const float* window = nullptr;  ///< [256], Hann, halved (see power_of_real).
  VadLayer encoder[4];
  VadLayer gates;                    ///< What the input adds to the recurrent layer's gates.
  const float* recurrent = nullptr;  ///< [4 gates, 128 from, 128 to]
  const float* output = nullptr;     ///< [128]
  float output_bias = 0.0f;
};

/// Buffers between the layers of one tile.
struct alignas(64) VadWorkspace {
  float samples[(kVadContext + kVadFrame) * kVadTileMax];
  float magnitudes[4 * kVadBins * kVadTileMax];
  float layer1[4 * 128 * kVadTileMax];
  float layer2[2 * 64 * kVadTileMax];
  float layer3[64 * kVadTileMax];
  float layer4[kVadUnits * kVadTileMax];
  float gates[4 * kVadUnits * kVadTileMax];
};

/// What the recurrent layer remembers.
struct alignas(64) VadMemory {
  float hidden[kVadUnits] = {};
  float cell[kVadUnits] = {};
};

/// The probabilities of speech of `frame_count` frames, in order.
///
/// Shapes:  samples [64 + 512 * frame_count]; probabilities [frame_count].
/// The result of a frame does not depend on how many are computed at once.
using VadFrames = void (*)(const VadTables& tables, const float* samples, int frame_count,
                           VadWorkspace& workspace, VadMemory& memory, float* probabilities);

void vad_frames_scalar(const VadTables& tables, const float* samples, int frame_count,
                       VadWorkspace& workspace, VadMemory& memory, float* probabilities);
void vad_frames_avx2(const VadTables& tables, const float* samples, int frame_count,
                     VadWorkspace& workspace, VadMemory& memory, float* probabilities);
void vad_frames_avx512(const VadTables& tables, const float* samples, int frame_count,
                       VadWorkspace& workspace, VadMemory& memory, float* probabilities);

}  // namespace katip::engine
