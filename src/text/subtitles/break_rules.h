#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "text/subtitles/units.h"

namespace katip::text {

/// How well a reader bears a break, from best to worst.
enum class BreakQuality {
  kSentence,  ///< After the end of a sentence.
  kClause,    ///< After a comma or the like, before a bracket, in a pause.
  kPhrase,    ///< Before a conjunction.
  kWord,      ///< Between two words.
  kPoor,      ///< Between words that belong together: the | house, John | Smith; or inside a word.
  kNever,     ///< After the label of a speaker.
};

/// The cost of a break in the sums of the cue splitter and the line breaker, which are in the same
/// currency: about a column of unevenness, squared and halved, for each point.
double break_cost(BreakQuality quality);

/// For each unit how good a break after it is; after the last one it is kSentence.
///
/// English and Turkish have lists of words that belong to their neighbours; other languages are
/// judged by punctuation, pauses and capitals alone.
std::vector<BreakQuality> rate_breaks(std::span<const Unit> units, std::string_view language);

}  // namespace katip::text
