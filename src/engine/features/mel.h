#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

namespace katip::engine {

/// Log-mel features of one window, row-major [mel_count, frame_count]; a frame is 10 ms.
struct Mel {
  int mel_count = 0;
  int frame_count = 0;
  std::vector<float> data;
};

/// Computes the log-mel spectrogram that the Whisper encoder reads.
///
/// Holds the filter bank and the FFT's tables: make one and keep it.
///
/// Threads: immutable after construction; compute() is safe from any thread.
/// Source:  whisper/audio.py `log_mel_spectrogram`; golden values in tests/golden/mel/.
class MelExtractor {
 public:
  /// mel_count: 80 or 128.
  explicit MelExtractor(int mel_count);
  ~MelExtractor();
  MelExtractor(MelExtractor&&) noexcept;
  MelExtractor& operator=(MelExtractor&&) noexcept;

  /// Shapes:  pcm [n], padded with zeros to frame_count * 160 samples -> [mel_count, frame_count].
  /// Units:   pcm in [-1, 1] at 16 kHz; output is log10 power, clamped to max - 8, then (x + 4) /
  /// 4, where max is
  ///          taken over the whole window, padding included, as the reference does with a padded 30
  ///          s chunk.
  /// Errors:  kInvalidArgument when pcm is longer than frame_count * 160, or holds NaN or infinity.
  [[nodiscard]] Result<Mel> compute(std::span<const float> pcm, int frame_count) const;

 private:
  struct Tables;
  std::unique_ptr<const Tables> tables_;
};

}  // namespace katip::engine
