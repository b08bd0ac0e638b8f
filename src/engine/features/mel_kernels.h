#pragma once

#include <cstddef>

#include "engine/features/fft_tables.h"
#include "engine/features/mel_filters.h"

namespace katip::engine {

inline constexpr int kMelFft = 400;
inline constexpr int kMelHop = 160;
inline constexpr int kMelTileMax = 16;  ///< Frames that the widest kernel takes at once.

/// What the kernels need, as plain pointers: code compiled for one instruction set must not
/// instantiate the standard library.
struct MelTables {
  FftPlan fft;                    ///< Complex, of 200 points.
  const float* window = nullptr;  ///< [400], Hann, halved (see power_of_real).
  const MelFilter* filters = nullptr;
  int mel_count = 0;
};

/// Writes log10 of the mel power of `frame_count` frames into rows `out[mel * stride + frame]`.
///
/// Shapes:  frame f reads signal[160 f, 160 f + 400); the signal must be readable, and finite, for
///          frame_count rounded up to a multiple of kMelTileMax frames.
/// Threads: pure. About 80 kB of stack.
using LogMelFrames = void (*)(const MelTables& tables, const float* signal, int frame_count,
                              float* out, std::size_t stride);

void log_mel_frames_scalar(const MelTables& tables, const float* signal, int frame_count,
                           float* out, std::size_t stride);
void log_mel_frames_avx2(const MelTables& tables, const float* signal, int frame_count, float* out,
                         std::size_t stride);
void log_mel_frames_avx512(const MelTables& tables, const float* signal, int frame_count,
                           float* out, std::size_t stride);

}  // namespace katip::engine
