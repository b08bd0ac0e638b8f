#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "text/transcript.h"
#include "text/writers.h"

namespace katip::text {

/// Text of one speaker in one stretch of time.
struct Passage {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string speaker = {};  ///< Empty when unknown, or not to be shown.
  std::string text = {};
};

/// The segments of a cleaned transcript, each cut where the speaker changes between two of its
/// words.
std::vector<Passage> split_by_speaker(const Transcript& transcript, Shown speakers);

/// Passages gathered for reading: a new paragraph begins where the speaker changes, after a pause
/// of two seconds, and, once a paragraph is long, after a sentence.
std::vector<Passage> make_paragraphs(const Transcript& transcript, Shown speakers);

/// What a document says of its transcript under the title: {"Duration: 1:02:03", "Language:
/// English", "Speakers: Ayşe, B"}; facts that are unknown are left out.
std::vector<std::string> facts_of(const Transcript& transcript, Shown speakers);

}  // namespace katip::text
