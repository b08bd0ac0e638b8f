#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "engine/align/aligned_word.h"
#include "engine/align/alignment_matrix.h"
#include "engine/model/tokenizer.h"

namespace katip::engine {

struct WordTimeOptions {
  /// Added to every time but the window's start: head_lag_frames(). 0 is what the reference does.
  float lag_frames = 0.0f;
  /// Where there is speech in the window (speech_spans()); empty: not known, nothing is corrected.
  std::span<const FrameSpan> speech = {};
  /// The first token of each segment: no word and no mark is joined across one. Empty: one segment.
  std::span<const std::size_t> segment_begins = {};
};

struct TimedWords {
  std::vector<AlignedWord> words;
  WordDurations durations;  ///< For fit_segments().
};

/// Cuts the text into words and finds out when each was said.
///
///   AlignmentWeights weights = {.data = attention, .head_count = 8,
///                               .row_count = tokens.size() + 1, .frame_count = 550};
///   auto [words, durations] = find_word_times(weights, tokens, probabilities, "en", tokenizer,
///                                             {.speech = spans});
///   fit_segments(words, segments, durations, 0);  // word_limits.h
///
/// Does, in this order: the cheapest path through the alignment matrix, words, lag, cutting of
/// overlong words at sentence ends, merging of punctuation, speech.
///
/// Shapes:  weights.row_count = tokens.size() + 1 = probabilities.size() + 1; tokens are text only:
///          no timestamps, no special tokens. segment_begins rise. Words come in order and never
///          overlap.
/// Threads: pure; safe from any thread.
/// Source:  whisper/timing.py `find_alignment` and the first half of `add_word_timestamps`.
TimedWords find_word_times(const AlignmentWeights& weights, std::span<const int> tokens,
                           std::span<const float> probabilities, std::string_view language,
                           const Tokenizer& tokenizer, const WordTimeOptions& options);

}  // namespace katip::engine
