#include "engine/features/mel_kernels.h"
#include "engine/features/mel_lanes.h"

namespace katip::engine {

void log_mel_frames_avx2(const MelTables& tables, const float* signal, int frame_count, float* out,
                         std::size_t stride) {
  log_mel_frames<Lanes8>(tables, signal, frame_count, out, stride);
}

}  // namespace katip::engine
