#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "text/subtitles.h"
#include "text/subtitles/break_rules.h"
#include "text/subtitles/units.h"

namespace katip::text {

/// The units [begin, end) of one cue.
struct UnitRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Cuts units into cues that fit the options' lines and longest duration, at the best breaks.
///
/// Shapes: qualities[i] is that of a break after units[i]; the ranges cover all units in order.
std::vector<UnitRange> split_cues(std::span<const Unit> units,
                                  std::span<const BreakQuality> qualities,
                                  const SubtitleOptions& options);

}  // namespace katip::text
