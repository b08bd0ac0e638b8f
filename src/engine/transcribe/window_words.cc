// Tested by tests/integration/word_times_test.cc against known times.
#include "engine/transcribe/window_words.h"

#include <algorithm>
#include <cmath>

#include "engine/align/word_times.h"

namespace katip::engine {
namespace {

// The text of the window without its timestamps, with the probability of each token.
struct Text {
  std::vector<int> tokens;
  std::vector<float> probabilities;
  std::vector<std::size_t> segment;  // which segment a token belongs to
};

Text text_of(const DecodedWindow& decoded, std::span<const WindowSegment> segments) {
  Text text;
  for (std::size_t index = 0; index < segments.size(); ++index) {
    for (std::size_t at = segments[index].token_begin; at < segments[index].token_end; ++at) {
      text.tokens.push_back(decoded.tokens[at]);
      text.probabilities.push_back(std::exp(decoded.log_probabilities[at]));
      text.segment.push_back(index);
    }
  }
  return text;
}

}  // namespace

std::vector<std::vector<Word>> words_of_window(
    const DecodedWindow& decoded, std::span<const WindowSegment> segments,
    const Tokenizer& tokenizer, const ModelConfig& config, std::string_view language,
    const std::function<std::int64_t(int, Edge)>& file_ms) {
  std::vector<std::vector<Word>> words(segments.size());
  const Text text = text_of(decoded, segments);
  if (text.tokens.empty()) return words;
  const std::size_t head_count = config.alignment_heads.size();
  const std::size_t row_count = text.tokens.size() + 1;
  const AlignmentWeights weights = {
      .data = decoded.alignment,
      .head_count = head_count,
      .row_count = row_count,
      .frame_count = decoded.alignment.size() / (head_count * row_count),
      .order = AlignmentWeights::Order::kRowHeadFrame};
  const TimedWords timed =
      find_word_times(weights, text.tokens, text.probabilities, language, tokenizer, {});
  for (const AlignedWord& word : timed.words) {
    words[text.segment[std::min(word.token_begin, text.segment.size() - 1)]].push_back(
        {.start_ms = file_ms(static_cast<int>(std::lround(word.start_frame)), Edge::kStart),
         .end_ms = file_ms(static_cast<int>(std::lround(word.end_frame)), Edge::kEnd),
         .text = word.text,
         .probability = word.probability});
  }
  return words;
}

}  // namespace katip::engine
