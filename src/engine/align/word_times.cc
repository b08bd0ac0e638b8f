// Tested by word_times_test.cc, with numbers of the reference in tests/golden/align/.
#include "engine/align/word_times.h"

#include <algorithm>

#include "base/assert.h"
#include "engine/align/dtw.h"
#include "engine/align/split_words.h"
#include "engine/align/word_limits.h"

namespace katip::engine {
namespace {

/// The frame at which the path enters each row.
std::vector<std::size_t> row_starts(const AlignmentWeights& weights) {
  std::vector<float> cost = alignment_matrix(weights);
  for (float& value : cost) value = -value;
  const DtwPath path = dtw(cost, weights.row_count, weights.frame_count);
  std::vector<std::size_t> starts(weights.row_count, 0);
  for (std::size_t i = path.rows.size(); i-- > 0;) {
    starts[static_cast<std::size_t>(path.rows[i])] = static_cast<std::size_t>(path.columns[i]);
  }
  return starts;
}

float mean(std::span<const float> values) {
  float sum = 0.0f;
  for (const float value : values) sum += value;
  return values.empty() ? 0.0f : sum / static_cast<float>(values.size());
}

}  // namespace

TimedWords find_word_times(const AlignmentWeights& weights, std::span<const int> tokens,
                           std::span<const float> probabilities, std::string_view language,
                           const Tokenizer& tokenizer, const WordTimeOptions& options) {
  KATIP_ASSERT(weights.row_count == tokens.size() + 1);
  KATIP_ASSERT(probabilities.size() == tokens.size());
  const std::vector<std::size_t> starts = row_starts(weights);
  const auto time = [&](std::size_t row) {
    if (row == 0) return 0.0f;  // the path begins at the window's start, whoever speaks then
    return static_cast<float>(std::min(starts[row] + options.lag_frames, weights.frame_count));
  };
  TimedWords times;
  for (TokenWord& part : split_words(tokens, language, tokenizer)) {
    const auto own = probabilities.subspan(part.token_begin, part.token_end - part.token_begin);
    times.words.push_back({.start_frame = time(part.token_begin),
                           .end_frame = time(part.token_end),
                           .text = std::move(part.text),
                           .probability = mean(own),
                           .token_begin = part.token_begin,
                           .token_end = part.token_end});
  }
  times.durations = measure_durations(times.words);
  limit_at_sentence_ends(times.words, times.durations);
  merge_punctuation(times.words);
  keep_to_speech(times.words, options.speech);
  return times;
}

}  // namespace katip::engine
