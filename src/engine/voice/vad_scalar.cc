#include "engine/voice/vad_kernels.h"
#include "engine/voice/vad_lanes.h"

namespace katip::engine {

void vad_frames_scalar(const VadTables& tables, const float* samples, int frame_count,
                       VadWorkspace& workspace, VadMemory& memory, float* probabilities) {
  vad_frames<Lanes1>(tables, samples, frame_count, workspace, memory, probabilities);
}

}  // namespace katip::engine
