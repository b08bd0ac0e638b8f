#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/voice_detector.h"

/// Audio that comes while it is spoken.
namespace katip::app {

enum class LiveFormat {
  kPcm16,  ///< 24 kHz, little-endian, mono.
  kMuLaw,  ///< G.711 at 8 kHz.
  kALaw,
};
int sample_rate_of(LiveFormat format);
/// How many samples so many bytes are; an odd byte of kPcm16 is left out.
std::vector<std::int16_t> decode_live_audio(LiveFormat format, std::string_view bytes);
/// A whole WAV file.
std::string wav_file(std::span<const std::int16_t> samples, int sample_rate);

/// 8 or 24 kHz to the 16 kHz that the speech detector hears; good enough for it, not for the model.
///
/// Threads: one thread.
class LiveResampler {
 public:
  explicit LiveResampler(int sample_rate) : step_(sample_rate / 16'000.0) {}
  /// Units: in [-1, 1].
  std::vector<float> push(std::span<const std::int16_t> samples);

 private:
  const double step_;
  double position_ = 0;  // Of the next output, in inputs from last_ on.
  float last_ = 0;
};

struct TurnOptions {
  float threshold = 0.5f;         ///< Probability of speech.
  int prefix_padding_ms = 300;    ///< Kept from before the speech.
  int silence_duration_ms = 500;  ///< So much silence ends a turn.
  std::optional<int> idle_timeout_ms =
      {};  ///< So much audio without speech is told; nothing: never.
};

struct TurnEvent {
  enum class Kind { kBegan, kEnded };
  Kind kind = Kind::kBegan;
  std::int64_t at_ms = 0;  ///< Since the begin of the stream; of kBegan with its padding.
};

/// When somebody begins to speak, and when they have stopped.
///
/// Threads: one thread.
class VoiceTurns {
 public:
  VoiceTurns(std::unique_ptr<engine::VoiceDetector::Stream> stream, const TurnOptions& options)
      : stream_(std::move(stream)), options_(options) {}

  /// 16 kHz, in [-1, 1].
  std::vector<TurnEvent> push(std::span<const float> pcm);
  [[nodiscard]] bool is_speaking() const { return is_speaking_; }

 private:
  std::unique_ptr<engine::VoiceDetector::Stream> stream_;
  const TurnOptions options_;
  std::int64_t frame_count_ = 0;
  int voiced_count_ = 0;  // Frames of speech in a row, while it is quiet.
  int silent_count_ = 0;  // Frames without, while somebody speaks.
  bool is_speaking_ = false;
};

}  // namespace katip::app
