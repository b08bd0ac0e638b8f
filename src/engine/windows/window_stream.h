#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/voice/vad.h"
#include "engine/windows/speech_detector.h"
#include "engine/windows/window_packer.h"

namespace katip::engine {

struct WindowStreamOptions {
  SpeechOptions speech;
  WindowOptions windows;

  [[nodiscard]] Status validate() const;
};

/// Pushes of this many samples (1.5 s), or a multiple, cost the least: they fill the network's
/// tiles.
inline constexpr std::size_t kWindowStreamPart = 48 * std::size_t{kVadFrameSamples};

/// Samples in, windows of speech out: VadStream, SpeechDetector and WindowPacker behind each other.
///
///   WindowStream stream(vad, options);
///   while (...) for (Window& window : stream.push(samples)) decode(window);
///   for (Window& window : stream.finish()) decode(window);
///
/// Threads: one thread.
class WindowStream {
 public:
  /// Without a model everything counts as speech: the windows follow each other without a gap, each
  /// cut where its end is most quiet. `options` must be valid.
  WindowStream(std::shared_ptr<const VadModel> vad, const WindowStreamOptions& options);

  /// Takes any number of samples (16 kHz) and returns the windows that became complete.
  std::vector<Window> push(std::span<const float> pcm);
  /// The last windows. The stream ends with it.
  std::vector<Window> finish();

  [[nodiscard]] std::int64_t sample_count() const { return sample_count_; }
  /// Every sample before this one that will ever be in a window has been returned in one.
  [[nodiscard]] std::int64_t settled_end() const { return packer_.settled_end(); }

 private:
  void push_part(std::span<const float> pcm, std::vector<Window>& windows);
  std::vector<SpeechFrame> frames_of(std::span<const float> pcm);
  std::vector<SpeechFrame> last_frame();

  std::optional<VadStream> vad_;
  SpeechDetector detector_;
  WindowPacker packer_;
  float power_sum_ = 0.0f;  ///< Squares of the frame that is not complete.
  std::int64_t sample_count_ = 0;
};

}  // namespace katip::engine
