#include "engine/voice/vad_kernels.h"
#include "engine/voice/vad_lanes.h"

namespace katip::engine {

void vad_frames_avx2(const VadTables& tables, const float* samples, int frame_count,
                     VadWorkspace& workspace, VadMemory& memory, float* probabilities) {
  vad_frames<Lanes8>(tables, samples, frame_count, workspace, memory, probabilities);
}

}  // namespace katip::engine
