// Tested by word_limits_test.cc, with numbers of the reference in tests/golden/align/.
#include "engine/align/word_limits.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "engine/align/split_words.h"

namespace katip::engine {
namespace {

constexpr float kMedianMax = 35.0f;            // 0.7 s
constexpr float kPauseInMedians = 4.0f;        // silence of four words is a pause
constexpr float kBoundaryTolerance = 25.0f;    // 0.5 s
constexpr float kSpeechRunMin = 3.0f;          // 60 ms: shorter speech is the edge of a neighbour
constexpr std::size_t kSamplesPerFrame = 320;  // 20 ms at 16 kHz

float duration(const AlignedWord& word) { return word.end_frame - word.start_frame; }

/// A word that was just cut to the limit is not longer than it, whatever floats make of that.
bool is_longer(float length, float limit) { return length > limit + 0.01f; }

struct Range {
  float begin = 0.0f;
  float end = 0.0f;
};

/// The parts of a word in which somebody speaks.
std::vector<Range> spoken_parts(const AlignedWord& word, std::span<const FrameSpan> speech) {
  std::vector<Range> parts;
  for (const FrameSpan& span : speech) {
    const float begin = std::max(word.start_frame, static_cast<float>(span.begin));
    const float end = std::min(word.end_frame, static_cast<float>(span.end));
    if (begin < end) parts.push_back({begin, end});
  }
  return parts;
}

/// The last part that is long enough to be a word, else the longest.
std::size_t word_part(std::span<const Range> parts) {
  for (std::size_t i = parts.size(); i-- > 0;) {
    if (parts[i].end - parts[i].begin >= kSpeechRunMin) return i;
  }
  const auto longest = std::ranges::max_element(
      parts, [](const Range& a, const Range& b) { return a.end - a.begin < b.end - b.begin; });
  return static_cast<std::size_t>(longest - parts.begin());
}

/// After a pause the first word, or the first two, reach back into it: cuts them.
void limit_after_pause(std::span<AlignedWord> words, const WordDurations& durations,
                       float last_speech_frame) {
  AlignedWord& first = words[0];
  const bool has_second = words.size() > 1;
  const bool is_after_pause =
      first.end_frame - last_speech_frame > durations.median * kPauseInMedians;
  const bool is_first_long = is_longer(duration(first), durations.longest);
  const bool are_two_long =
      has_second && is_longer(words[1].end_frame - first.start_frame, durations.longest * 2);
  if (!is_after_pause || !(is_first_long || are_two_long)) return;
  if (has_second && is_longer(duration(words[1]), durations.longest)) {
    const float boundary = std::max(words[1].end_frame / 2, words[1].end_frame - durations.longest);
    first.end_frame = boundary;
    words[1].start_frame = boundary;
  }
  first.start_frame = std::max(0.0f, first.end_frame - durations.longest);
}

void agree_with_words(AlignedSegment& segment, std::span<AlignedWord> words, float median) {
  AlignedWord& first = words.front();
  if (segment.start_frame < first.end_frame &&
      segment.start_frame - kBoundaryTolerance > first.start_frame) {
    first.start_frame = std::max(0.0f, std::min(first.end_frame - median, segment.start_frame));
  } else {
    segment.start_frame = first.start_frame;
  }
  AlignedWord& last = words.back();
  if (segment.end_frame > last.start_frame &&
      segment.end_frame + kBoundaryTolerance < last.end_frame) {
    last.end_frame = std::max(last.start_frame + median, segment.end_frame);
  } else {
    segment.end_frame = last.end_frame;
  }
}

/// Joins `from` to the front or the back of `to`.
void join(AlignedWord& to, AlignedWord& from) {
  const bool is_before = from.token_begin < to.token_begin;
  to.text = is_before ? from.text + to.text : to.text + from.text;
  to.token_begin = std::min(to.token_begin, from.token_begin);
  to.token_end = std::max(to.token_end, from.token_end);
  from.text.clear();
}

}  // namespace

WordDurations measure_durations(std::span<const AlignedWord> words) {
  std::vector<float> lengths;
  for (const AlignedWord& word : words) {
    if (duration(word) != 0.0f) lengths.push_back(duration(word));
  }
  if (lengths.empty()) return {};
  std::ranges::sort(lengths);
  const std::size_t middle = lengths.size() / 2;
  const float median =
      lengths.size() % 2 == 1 ? lengths[middle] : (lengths[middle - 1] + lengths[middle]) / 2;
  return {.median = std::min(median, kMedianMax), .longest = 2 * std::min(median, kMedianMax)};
}

void limit_at_sentence_ends(std::span<AlignedWord> words, const WordDurations& durations) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    AlignedWord& word = words[i];
    if (!is_longer(duration(word), durations.longest)) continue;
    if (is_sentence_end(word.text)) {
      word.end_frame = word.start_frame + durations.longest;
    } else if (is_sentence_end(words[i - 1].text)) {
      word.start_frame = word.end_frame - durations.longest;
    }
  }
}

void merge_punctuation(std::vector<AlignedWord>& words) {
  if (words.empty()) return;
  std::size_t after = words.size() - 1;  // the next word that is still there
  for (std::size_t i = words.size() - 1; i-- > 0;) {
    if (is_prepended(words[i].text)) {
      join(words[after], words[i]);
    } else {
      after = i;
    }
  }
  std::size_t before = 0;  // the last word that is still there
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].text.empty()) continue;
    if (!words[before].text.empty() && !words[before].text.ends_with(' ') &&
        is_appended(words[i].text)) {
      join(words[before], words[i]);
    } else {
      before = i;
    }
  }
  std::erase_if(words, [](const AlignedWord& word) { return word.text.empty(); });
}

void keep_to_speech(std::span<AlignedWord> words, std::span<const FrameSpan> speech) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    AlignedWord& word = words[i];
    const std::vector<Range> parts = spoken_parts(word, speech);
    if (parts.empty()) continue;
    const std::size_t own = word_part(parts);
    const bool touches_last =
        i > 0 && words[i - 1].end_frame == word.start_frame && parts[0].begin == word.start_frame;
    if (own > 0 && touches_last) words[i - 1].end_frame = parts[0].end;
    word.start_frame = parts[own].begin;
    word.end_frame = parts[own].end;
  }
}

std::vector<FrameSpan> speech_spans(std::span<const float> probabilities,
                                    std::size_t samples_per_value, std::size_t frame_count,
                                    const SpeechSpanOptions& options) {
  KATIP_ASSERT(samples_per_value > 0);
  std::vector<FrameSpan> spans;
  for (std::size_t frame = 0; frame < frame_count; ++frame) {
    const std::size_t middle = frame * kSamplesPerFrame + kSamplesPerFrame / 2;
    const std::size_t value = middle / samples_per_value;
    if (value >= probabilities.size()) break;
    if (!(probabilities[value] > options.threshold)) continue;
    if (!spans.empty() && frame - spans.back().end < options.silence_frames_min) {
      spans.back().end = frame + 1;
    } else {
      const std::size_t earliest = spans.empty() ? 0 : spans.back().end;
      spans.push_back(
          {std::max(earliest, frame - std::min(frame, options.delay_frames)), frame + 1});
    }
  }
  return spans;
}

void put_in_order(std::span<AlignedWord> words, float floor, float frame_count) {
  const float lowest = std::clamp(floor, 0.0f, frame_count);
  for (std::size_t i = 0; i < words.size(); ++i) {
    AlignedWord& word = words[i];
    const float earliest = i == 0 ? lowest : words[i - 1].start_frame;
    word.start_frame = std::clamp(word.start_frame, earliest, frame_count);
    word.end_frame = std::clamp(word.end_frame, word.start_frame, frame_count);
    if (i > 0) words[i - 1].end_frame = std::min(words[i - 1].end_frame, word.start_frame);
  }
}

float fit_segments(std::span<AlignedWord> words, std::span<AlignedSegment> segments,
                   const WordDurations& durations, float last_speech_frame) {
  std::size_t next = 0;
  for (AlignedSegment& segment : segments) {
    segment.word_begin = next;
    for (std::size_t tokens = 0; next < words.size() && tokens < segment.token_count; ++next) {
      tokens += words[next].token_end - words[next].token_begin;
    }
    segment.word_end = next;
    const auto own = words.subspan(segment.word_begin, segment.word_end - segment.word_begin);
    if (own.empty()) continue;
    limit_after_pause(own, durations, last_speech_frame);
    agree_with_words(segment, own, durations.median);
    last_speech_frame = segment.end_frame;
  }
  return last_speech_frame;
}

}  // namespace katip::engine
