#include "engine/windows/speech_detector.h"

#include <algorithm>
#include <cmath>

#include "engine/voice/vad.h"
#include "engine/windows/time_map.h"

namespace katip::engine {

Status SpeechOptions::validate() const {
  const auto check = [](bool good, const char* message) -> Status {
    if (good) return {};
    return fail(ErrorCode::kInvalidArgument, message);
  };
  KATIP_TRY(check(threshold >= 0.0f && threshold <= 1.0f, "the VAD threshold must be 0 to 1"));
  KATIP_TRY(check(threshold_off <= threshold, "threshold_off must not be above the threshold"));
  KATIP_TRY(
      check(speech_ms_min >= 0 && speech_ms_min <= 10'000, "speech_ms_min must be 0 to 10000 ms"));
  KATIP_TRY(check(silence_ms_min >= 0 && silence_ms_min <= 10'000,
                  "silence_ms_min must be 0 to 10000 ms"));
  return check(level_db_min <= 0.0f, "level_db_min must not be above 0 dB");
}

SpeechDetector::SpeechDetector(const SpeechOptions& options)
    : threshold_(options.threshold),
      threshold_off_(options.threshold_off >= 0.0f ? options.threshold_off
                                                   : std::max(options.threshold - 0.15f, 0.01f)),
      power_min_(std::pow(10.0f, options.level_db_min / 10.0f)),
      speech_min_(options.speech_ms_min * kSamplesPerMs),
      silence_min_(options.silence_ms_min * kSamplesPerMs) {}

std::vector<SpeechSpan> SpeechDetector::push(std::span<const SpeechFrame> frames) {
  std::vector<SpeechSpan> spans;
  for (const SpeechFrame& frame : frames) step(frame, spans);
  if (speaking_ && speech_.silent_from < 0) give(position_, spans);
  return spans;
}

std::vector<SpeechSpan> SpeechDetector::finish(std::int64_t sample_count) {
  std::vector<SpeechSpan> spans;
  if (speaking_) {
    give(std::min(speech_.silent_from < 0 ? position_ : speech_.silent_from, sample_count), spans);
  }
  speaking_ = false;
  return spans;
}

std::int64_t SpeechDetector::decided_end() const {
  if (!speaking_) return position_;
  return speech_.given_end;
}

void SpeechDetector::step(const SpeechFrame& frame, std::vector<SpeechSpan>& spans) {
  const std::int64_t start = position_;
  position_ += kVadFrameSamples;
  if (frame.probability >= threshold_) {
    if (!speaking_ && frame.power >= power_min_) {
      speech_ = {start, start, -1};
      speaking_ = true;
    }
    speech_.silent_from = -1;
  } else if (speaking_ && frame.probability < threshold_off_) {
    if (speech_.silent_from < 0) speech_.silent_from = start;
    if (start - speech_.silent_from >= silence_min_) {
      give(speech_.silent_from, spans);
      speaking_ = false;
    }
  }
}

// Hands out what is new up to `end`, unless the speech is still too short to count.
void SpeechDetector::give(std::int64_t end, std::vector<SpeechSpan>& spans) {
  if (end - speech_.start < speech_min_ || end <= speech_.given_end) return;
  spans.push_back({speech_.given_end, end});
  speech_.given_end = end;
}

}  // namespace katip::engine
