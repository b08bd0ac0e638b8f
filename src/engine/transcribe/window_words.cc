// Attention -> path -> words (align/word_times.h), away from silence, then segments and words agree
// (align/word_limits.h), then order, first in frames and at last in times of the file.
// Tested by window_words_test.cc, and by tests/integration/word_times_test.cc against known times.
#include "engine/transcribe/window_words.h"

#include <algorithm>
#include <cmath>

#include "engine/align/head_lag.h"
#include "engine/align/word_limits.h"
#include "engine/align/word_times.h"
#include "engine/windows/window_packer.h"

namespace katip::engine {
namespace {

constexpr float kFrameMs = 20.0f;

// The text of the window without its timestamps, with the probability of each token.
struct Text {
  std::vector<int> tokens;
  std::vector<float> probabilities;
  std::vector<std::size_t> segment_begins;  ///< Where each segment begins among the tokens.
  std::vector<AlignedSegment> segments;
};

Text text_of(const DecodedWindow& decoded, std::span<const WindowSegment> segments) {
  Text text;
  for (const WindowSegment& segment : segments) {
    text.segment_begins.push_back(text.tokens.size());
    text.segments.push_back({.start_frame = static_cast<float>(segment.start_frame),
                             .end_frame = static_cast<float>(segment.end_frame),
                             .token_count = segment.token_end - segment.token_begin});
    for (std::size_t at = segment.token_begin; at < segment.token_end; ++at) {
      text.tokens.push_back(decoded.tokens[at]);
      text.probabilities.push_back(std::exp(decoded.log_probabilities[at]));
    }
  }
  return text;
}

AlignmentWeights weights_of(const DecodedWindow& decoded, const ModelConfig& config,
                            std::size_t token_count) {
  const std::size_t head_count = config.alignment_heads.size();
  const std::size_t row_count = token_count + 1;
  return {.data = decoded.alignment,
          .head_count = head_count,
          .row_count = row_count,
          .frame_count = decoded.alignment.size() / (head_count * row_count),
          .order = AlignmentWeights::Order::kRowHeadFrame};
}

/// Times of the file. A word that is on both sides of a cut without any length would end before it
/// starts, because its start belongs to one side and its end to the other.
TimedSegment timed_segment(std::span<const AlignedWord> words, const WindowSound& sound) {
  TimedSegment timed;
  for (const AlignedWord& word : words) {
    const std::int64_t start =
        std::max(sound.file_ms(word.start_frame, Edge::kStart), sound.last_end_ms);
    timed.words.push_back({.start_ms = start,
                           .end_ms = std::max(sound.file_ms(word.end_frame, Edge::kEnd), start),
                           .text = word.text,
                           .probability = word.probability});
  }
  if (!timed.words.empty()) {
    timed.start_ms = timed.words.front().start_ms;
    timed.end_ms = timed.words.back().end_ms;
  }
  return timed;
}

}  // namespace

std::vector<TimedSegment> words_of_window(const DecodedWindow& decoded,
                                          std::span<const WindowSegment> segments,
                                          const Tokenizer& tokenizer, const ModelConfig& config,
                                          std::string_view language, const WindowSound& sound) {
  Text text = text_of(decoded, segments);
  std::vector<TimedSegment> timed;
  if (text.tokens.empty()) return std::vector<TimedSegment>(segments.size());
  const auto frame_count = static_cast<std::size_t>(sound.frame_count);
  const std::vector<FrameSpan> speech =
      speech_spans(sound.speech_probabilities, kWindowFrameSamples, frame_count);
  auto [words, durations] = find_word_times(weights_of(decoded, config, text.tokens.size()),
                                            text.tokens, text.probabilities, language, tokenizer,
                                            {.lag_frames = head_lag_frames(config.alignment_heads),
                                             .speech = speech,
                                             .segment_begins = text.segment_begins});
  const std::int64_t begin_ms = sound.file_ms(0.0f, Edge::kStart);
  fit_segments(words, text.segments, durations,
               static_cast<float>(sound.last_end_ms - begin_ms) / kFrameMs);
  put_in_order(words, 0.0f, static_cast<float>(sound.frame_count));
  for (const AlignedSegment& segment : text.segments) {
    timed.push_back(timed_segment(
        std::span(words).subspan(segment.word_begin, segment.word_end - segment.word_begin),
        sound));
  }
  return timed;
}

}  // namespace katip::engine
