// Tested by word_times_test.cc, with numbers of the reference in tests/golden/align/.
#include "engine/align/word_times.h"

#include <algorithm>
#include <iterator>
#include <utility>

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

/// Ends of the segments, as tokens; the last is `token_count`.
std::vector<std::size_t> segment_ends(std::span<const std::size_t> begins,
                                      std::size_t token_count) {
  std::vector<std::size_t> ends;
  for (const std::size_t begin : begins) {
    if (begin > 0) ends.push_back(begin);
  }
  ends.push_back(token_count);
  return ends;
}

/// The words of each segment by themselves, so that none belongs to two.
std::vector<TokenWord> split_segments(std::span<const int> tokens,
                                      std::span<const std::size_t> ends, std::string_view language,
                                      const Tokenizer& tokenizer) {
  std::vector<TokenWord> words;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    KATIP_ASSERT(begin <= end && end <= tokens.size());
    for (TokenWord& word : split_words(tokens.subspan(begin, end - begin), language, tokenizer)) {
      word.token_begin += begin;
      word.token_end += begin;
      words.push_back(std::move(word));
    }
    begin = end;
  }
  return words;
}

std::vector<AlignedWord> merge_segments(std::vector<AlignedWord> words,
                                        std::span<const std::size_t> ends) {
  std::vector<AlignedWord> merged;
  auto next = words.begin();
  for (const std::size_t end : ends) {
    std::vector<AlignedWord> own;
    for (; next != words.end() && next->token_begin < end; ++next) own.push_back(std::move(*next));
    merge_punctuation(own);
    std::ranges::move(own, std::back_inserter(merged));
  }
  return merged;
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
    return std::clamp(static_cast<float>(starts[row]) + options.lag_frames, 0.0f,
                      static_cast<float>(weights.frame_count));
  };
  const std::vector<std::size_t> ends = segment_ends(options.segment_begins, tokens.size());
  TimedWords times;
  for (TokenWord& part : split_segments(tokens, ends, language, tokenizer)) {
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
  times.words = merge_segments(std::move(times.words), ends);
  keep_to_speech(times.words, options.speech);
  return times;
}

}  // namespace katip::engine
