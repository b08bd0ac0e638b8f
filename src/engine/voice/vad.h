#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

namespace katip::engine {

/// Probability of speech for each 32 ms frame, by the Silero network (version 6).
///
/// Threads: Vad weights are immutable and shared; each stream has a VadStream of its own (one
/// thread).
class VadModel;

/// The state of one audio stream.
class VadStream {
 public:
  explicit VadStream(std::shared_ptr<const VadModel> model);
  ~VadStream();
  VadStream(VadStream&&) noexcept;
  VadStream& operator=(VadStream&&) noexcept;

  /// Takes any number of samples (16 kHz) and returns the probabilities of the frames that became
  /// complete; frame f covers samples [512 f, 512 f + 512).
  std::vector<float> push(std::span<const float> pcm);
  /// Pads the last, incomplete frame with zeros and returns its probability; nothing when there is
  /// none.
  std::vector<float> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Errors: kNotFound, kCorruptData.
Result<std::shared_ptr<const VadModel>> load_vad(const std::filesystem::path& vad_dir);

}  // namespace katip::engine
