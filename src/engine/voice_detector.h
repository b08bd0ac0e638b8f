#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

namespace katip::engine {

/// Samples that one probability stands for: 32 ms at 16 kHz.
inline constexpr int kVoiceFrameSamples = 512;

/// Hears whether somebody speaks, while the audio still comes.
///
/// Threads: immutable; each stream belongs to one thread at a time.
class VoiceDetector {
 public:
  /// One stream of audio. Lifetime: keeps the weights.
  class Stream {
   public:
    virtual ~Stream() = default;
    /// Takes any number of samples and returns the probabilities of the frames that became
    /// complete.
    ///
    /// Units: pcm in [-1, 1] at 16 kHz.
    virtual std::vector<float> push(std::span<const float> pcm) = 0;
  };

  virtual ~VoiceDetector() = default;
  /// Reads the folder of the Silero weights.
  ///
  /// Errors: kNotFound, kCorruptData.
  static Result<std::shared_ptr<const VoiceDetector>> open(const std::filesystem::path& vad_dir);
  [[nodiscard]] virtual std::unique_ptr<Stream> stream() const = 0;
};

}  // namespace katip::engine
