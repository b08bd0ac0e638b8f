#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "text/transcript.h"

namespace katip::text {

/// The smallest piece of text that stands on one line: a word with its punctuation, or a character
/// or dictionary word of a script that is written without spaces.
struct Unit {
  std::string text = {};
  int width = 0;              ///< Columns.
  bool space_before = false;  ///< When it stands on one line with the unit before it.
  bool cuts_word = false;     ///< It begins inside a word of a script without spaces.
  bool is_label = false;      ///< The name of a speaker, not text of the transcript.
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string speaker = {};
};

/// All text of a cleaned transcript as units, in order; times never go backwards.
///
/// A piece that no line may break in, but that is wider than `line_width_max`, is cut at its
/// spaces.
/// Errors: kInternal when ICU lacks its data.
Result<std::vector<Unit>> split_units(const Transcript& transcript, int line_width_max);

/// Columns of the units on one line.
int width_of(std::span<const Unit> units);

/// Puts a label before each turn of a known speaker.
std::vector<Unit> with_speaker_labels(std::vector<Unit> units);

}  // namespace katip::text
