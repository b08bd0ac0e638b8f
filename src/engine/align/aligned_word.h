#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// Words and spans in the time of one window: frames of 20 ms from its start.
namespace katip::engine {

/// A word and when it was said.
struct AlignedWord {
  float start_frame = 0.0f;
  float end_frame = 0.0f;
  std::string text;             ///< With its leading space and its punctuation.
  float probability = 0.0f;     ///< Mean over the tokens of the word, merged punctuation left out.
  std::size_t token_begin = 0;  ///< [token_begin, token_end) of the text tokens, punctuation too.
  std::size_t token_end = 0;
};

/// How long words are in this window: the median, at most 0.7 s, and twice that as the longest.
struct WordDurations {
  float median = 0.0f;  ///< Frames; 0 without words.
  float longest = 0.0f;
};

/// Frames [begin, end) in which somebody speaks.
struct FrameSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

}  // namespace katip::engine
