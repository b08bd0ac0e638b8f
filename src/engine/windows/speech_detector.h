#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace katip::engine {

/// What is known of 32 ms of audio (kVadFrameSamples samples).
struct SpeechFrame {
  float probability = 0.0f;  ///< Of speech, by the network.
  float power = 0.0f;        ///< Mean square of the samples; full scale is 1.
};

/// Samples [start, end) of the file.
struct SpeechSpan {
  std::int64_t start = 0;
  std::int64_t end = 0;

  friend bool operator==(const SpeechSpan&, const SpeechSpan&) = default;
};

struct SpeechOptions {
  float threshold = 0.5f;  ///< Speech begins at this probability. Limits 0 to 1.
  float threshold_off =
      -1.0f;                 ///< Silence is below this; negative: threshold - 0.15, at least 0.01.
  int speech_ms_min = 90;    ///< What is shorter is no speech: a click, a cough.
  int silence_ms_min = 100;  ///< A pause that is shorter does not end speech.
  float level_db_min = -65.0f;  ///< Speech does not begin with a frame below this level (dB of full
                                ///< scale): near-silence is none, whatever the network thinks.

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

/// Turns probabilities of frames into spans of speech, as they stream in.
///
/// Speech begins with a frame at or above `threshold` that is loud enough, and ends where frames
/// fell below `threshold_off` when none at or above `threshold` follows within `silence_ms_min`.
/// Long speech is handed out in parts that touch, so that nobody has to wait for its end.
///
/// Threads: one thread.
/// Source:  the rules of silero-vad's get_speech_timestamps.
class SpeechDetector {
 public:
  explicit SpeechDetector(const SpeechOptions& options);

  /// Takes the next frames; returns what has become certain.
  std::vector<SpeechSpan> push(std::span<const SpeechFrame> frames);
  /// The end of the file, which has `sample_count` samples; the last frame may lie beyond it.
  std::vector<SpeechSpan> finish(std::int64_t sample_count);

  /// Every span that starts before this sample has been handed out, at least its part up to here.
  [[nodiscard]] std::int64_t decided_end() const;

 private:
  struct Speech {
    std::int64_t start = 0;
    std::int64_t given_end = 0;     ///< Handed out up to here; equal to start: nothing yet.
    std::int64_t silent_from = -1;  ///< Where the pause began that may end it; -1: in no pause.
  };

  void step(const SpeechFrame& frame, std::vector<SpeechSpan>& spans);
  void give(std::int64_t end, std::vector<SpeechSpan>& spans);

  float threshold_;
  float threshold_off_;
  float power_min_;
  std::int64_t speech_min_;
  std::int64_t silence_min_;
  std::int64_t position_ = 0;  ///< Samples of all frames so far.
  bool speaking_ = false;
  Speech speech_;
};

}  // namespace katip::engine
