#pragma once

#include <string_view>
#include <vector>

#include "text/transcript.h"

namespace katip::text {

/// The words of a segment whose text somebody changed: those that are still there keep their times
/// and probabilities; the others share the time between their kept neighbours by their length, and
/// have the probability 1, since a person wrote them. A word counts as kept when only its case or
/// punctuation changed. Chinese, Japanese and Thai are cut into characters.
///
/// Shapes:  as many words as the new text has; none when the segment had none.
/// Threads: pure; safe from any thread.
std::vector<Word> realigned_words(const Segment& segment, std::string_view new_text,
                                  std::string_view language);

/// Words follow their segment: what lies outside of its times is brought to them.
void clamp_words(Segment& segment);

/// The words of a text as they stand in it, each with the blanks before it; put together they are
/// the text.
std::vector<std::string> words_of(std::string_view text);

}  // namespace katip::text
