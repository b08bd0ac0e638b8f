#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audio/protocol/frame.h"

/// When things are heard: gaps between frames, and what a decoder that reached its end may say
/// about the file. Pure.
namespace katip::audio {

/// Keeps output and time stamps together, so that the times of a transcript fit the picture.
///
/// A recorder that lost its connection leaves a hole between two frames; without silence in it
/// everything after comes too early. Stamps are foreign, so a hole is filled only when it is
/// plausible: at least 0.2 s, at most 10 minutes, and not past the length that the file announces.
/// Any other jump moves the origin, and the sound goes on.
///
/// Units:   microseconds of the source's time stamps; milliseconds announced.
/// Threads: one thread.
class Timeline {
 public:
  /// `origin_us`: the stamp that is heard first; without one that of the first frame is.
  Timeline(std::optional<int64_t> origin_us, std::optional<int64_t> announced_ms)
      : origin_us_(origin_us), announced_ms_(announced_ms) {}

  /// How much silence stands before a frame stamped `begin_us`, when `heard_us` were given so far.
  int64_t silence_us(int64_t begin_us, int64_t heard_us);

 private:
  std::optional<int64_t> origin_us_;
  std::optional<int64_t> announced_ms_;
};

/// What was seen while decoding.
struct Findings {
  int64_t heard_ms = 0;
  std::optional<int64_t> announced_ms = {};  ///< By a header, not by an estimate.
  bool breaks_off = false;                   ///< The input ends in the middle of something.
  int64_t damage_count = 0;                  ///< Places that could not be read or decoded.
  int64_t first_damage_ms = 0;
};

/// The last frame of the answer. Less than announced is worth a word from 0.2 s and 2 % on.
StreamEnd verdict(const Findings& findings);

/// 12345 ms -> "12.3 s".
std::string seconds_text(int64_t ms);

}  // namespace katip::audio
