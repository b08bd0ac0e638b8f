#include "audio/decoder/timeline.h"

#include <algorithm>

// Tested by timeline_test.cc.
namespace katip::audio {
namespace {

constexpr int64_t kGapUsMin = 200'000;
constexpr int64_t kGapUsMax = 600'000'000;
constexpr int64_t kMissingMsMin = 200;
constexpr int64_t kMissingPart = 50;  // one fiftieth
constexpr int64_t kLastFrameMs = 250;
constexpr int64_t kStampMax = int64_t{1} << 60;

}  // namespace

int64_t Timeline::silence_us(int64_t begin_us, int64_t heard_us) {
  if (begin_us < -kStampMax || begin_us > kStampMax) {
    return 0;
  }
  if (!origin_us_) {
    origin_us_ = begin_us - heard_us;
  }
  const int64_t gap_us = begin_us - *origin_us_ - heard_us;
  if (gap_us > -kGapUsMin && gap_us < kGapUsMin) {
    return 0;
  }
  const bool within_length =
      !announced_ms_ ||
      heard_us + gap_us <= std::min(*announced_ms_, kStampMax / 1000) * 1000 + 1'000'000;
  if (gap_us > 0 && gap_us <= kGapUsMax && within_length) {
    return gap_us;
  }
  origin_us_ = begin_us - heard_us;
  return 0;
}

std::string seconds_text(int64_t ms) {
  const int64_t tenths = (ms + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

StreamEnd verdict(const Findings& findings) {
  if (findings.heard_ms == 0) {
    return {EndState::kFailed, ErrorCode::kInvalidArgument,
            findings.damage_count > 0
                ? "no part of the sound could be decoded; the file is damaged"
                : "the file has a header but no sound in it; was the recording interrupted?"};
  }
  const int64_t announced_ms = findings.announced_ms.value_or(0);
  const int64_t missing_ms = announced_ms - findings.heard_ms;
  const bool is_short = missing_ms > std::max(kMissingMsMin, announced_ms / kMissingPart);
  // Damage at the very end is a last frame that is not whole.
  const bool ends_damaged =
      findings.damage_count > 0 && findings.first_damage_ms + kLastFrameMs >= findings.heard_ms;
  if (is_short || findings.breaks_off || ends_damaged) {
    std::string message = "the file breaks off after " + seconds_text(findings.heard_ms);
    if (is_short) {
      message += " of the " + seconds_text(announced_ms) + " that it announces";
    }
    return {EndState::kDamaged, ErrorCode::kCorruptData, message};
  }
  if (findings.damage_count > 0) {
    return {EndState::kDamaged, ErrorCode::kCorruptData,
            "the file is damaged in " + std::to_string(findings.damage_count) +
                (findings.damage_count == 1 ? " place, at " : " places, first at ") +
                seconds_text(findings.first_damage_ms)};
  }
  return {};
}

}  // namespace katip::audio
