#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "engine/engine.h"
#include "engine/windows/window_stream.h"

namespace katip::engine {

/// Pulls samples from a reader and gives one window of speech after the other.
///
/// Holds little more than a window of samples, whatever the length of the recording.
///
/// Threads: one thread.
class WindowSource {
 public:
  /// `vad` may be null when the options have the VAD off. Lifetime: the reader outlives the source.
  WindowSource(const PcmReader& reader, const TranscribeOptions& options,
               std::shared_ptr<const VadModel> vad);

  /// The next window; nothing at the end. Errors: what the reader failed with; kCancelled.
  Result<std::optional<Window>> next(const std::stop_token& stop);

  [[nodiscard]] std::int64_t read_ms() const { return stream_.sample_count() / kSamplesPerMs; }
  [[nodiscard]] std::int64_t speech_ms() const { return speech_samples_ / kSamplesPerMs; }

 private:
  Status read_more();

  const PcmReader& reader_;
  WindowStream stream_;
  std::vector<float> buffer_;
  std::deque<Window> ready_;
  std::int64_t speech_samples_ = 0;
  bool ended_ = false;
};

}  // namespace katip::engine
