#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

namespace katip::engine {

/// Samples that one probability stands for: 32 ms at 16 kHz.
inline constexpr int kVadFrameSamples = 512;

/// The weights of the Silero network (version 6, 16 kHz).
///
/// Threads: immutable; shared by all streams.
class VadModel;

/// Probability of speech for each 32 ms frame of one audio stream.
///
/// The probabilities do not depend on how the samples are cut into calls.
///
/// Threads: one thread.
class VadStream {
 public:
  explicit VadStream(std::shared_ptr<const VadModel> model);
  ~VadStream();
  VadStream(VadStream&&) noexcept;
  VadStream& operator=(VadStream&&) noexcept;

  /// Takes any number of samples (16 kHz) and returns the probabilities of the frames that became
  /// complete; frame f covers samples [512 f, 512 f + 512). Samples that are not numbers count as
  /// silence, and those beyond [-32, 32] as that limit: one bad sample must not spoil the rest.
  std::vector<float> push(std::span<const float> pcm);
  /// Pads the last, incomplete frame with zeros and returns its probability; nothing when there is
  /// none. The stream ends with it.
  std::vector<float> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads silero_vad_16k_sequence.onnx in `vad_dir`.
///
/// Errors: kNotFound, kCorruptData.
Result<std::shared_ptr<const VadModel>> load_vad(const std::filesystem::path& vad_dir);

}  // namespace katip::engine
