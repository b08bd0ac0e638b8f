// How it works: samples gather behind the 64 of context that every frame sees again. Complete
// frames go through the kernel (vad_lanes.h) up to 48 at a time; the recurrent layer's memory and
// the last 64 samples are all that is kept. Tested by vad_test.cc against values of onnxruntime.
#include "engine/voice/vad.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "engine/kernels/cpu.h"
#include "engine/voice/silero_weights.h"
#include "engine/voice/vad_kernels.h"

namespace katip::engine {
namespace {

static_assert(kVadFrameSamples == kVadFrame);

constexpr std::size_t kContext = kVadContext;
constexpr std::size_t kFrame = kVadFrame;
constexpr float kSampleLimit = 32.0f;

VadFrames kernel_for(Cpu isa) {
#if defined(__x86_64__)
  if (isa == Cpu::kAvx512) return vad_frames_avx512;
  if (isa == Cpu::kAvx2) return vad_frames_avx2;
#endif
  static_cast<void>(isa);
  return vad_frames_scalar;
}

float sane_sample(float sample) {
  return std::isnan(sample) ? 0.0f : std::clamp(sample, -kSampleLimit, kSampleLimit);
}

}  // namespace

class VadModel {
 public:
  explicit VadModel(SileroWeights weights) : weights_(std::move(weights)) {}
  [[nodiscard]] VadTables tables() const { return weights_.tables(); }

 private:
  SileroWeights weights_;
};

struct VadStream::State {
  explicit State(std::shared_ptr<const VadModel> of)
      : model(std::move(of)), tables(model->tables()), samples(kContext + kVadTileMax * kFrame) {}

  [[nodiscard]] std::size_t frame_count() const { return (used - kContext) / kFrame; }

  // Appends the probabilities of all complete frames and moves what is left to the front.
  void run(std::vector<float>& probabilities) {
    const std::size_t count = frame_count();
    if (count == 0) return;
    const std::size_t first = probabilities.size();
    probabilities.resize(first + count);
    kernel(tables, samples.data(), static_cast<int>(count), workspace, memory,
           probabilities.data() + first);
    const auto begin = samples.begin();
    std::copy(begin + static_cast<std::ptrdiff_t>(count * kFrame),
              begin + static_cast<std::ptrdiff_t>(used), begin);
    used -= count * kFrame;
  }

  std::shared_ptr<const VadModel> model;
  VadTables tables;
  VadFrames kernel = kernel_for(cpu());
  std::vector<float> samples;  // 64 of context, then what is not yet a frame
  std::size_t used = kContext;
  VadMemory memory;
  VadWorkspace workspace;
};

VadStream::VadStream(std::shared_ptr<const VadModel> model)
    : state_(std::make_unique<State>(std::move(model))) {}
VadStream::~VadStream() = default;
VadStream::VadStream(VadStream&&) noexcept = default;
VadStream& VadStream::operator=(VadStream&&) noexcept = default;

std::vector<float> VadStream::push(std::span<const float> pcm) {
  State& state = *state_;
  std::vector<float> probabilities;
  while (!pcm.empty()) {
    const std::size_t count = std::min(pcm.size(), state.samples.size() - state.used);
    std::ranges::transform(pcm.first(count),
                           state.samples.begin() + static_cast<std::ptrdiff_t>(state.used),
                           sane_sample);
    state.used += count;
    pcm = pcm.subspan(count);
    state.run(probabilities);
  }
  return probabilities;
}

std::vector<float> VadStream::finish() {
  const std::size_t rest = state_->used - kContext;
  if (rest == 0) return {};
  return push(std::vector<float>(kFrame - rest, 0.0f));
}

Result<std::shared_ptr<const VadModel>> load_vad(const std::filesystem::path& vad_dir) {
  const std::filesystem::path file = vad_dir / "silero_vad_16k_sequence.onnx";
  auto weights = SileroWeights::load(file);
  if (!weights) return fail("voice activity model " + file.string(), std::move(weights).error());
  return std::make_shared<const VadModel>(std::move(*weights));
}

}  // namespace katip::engine
