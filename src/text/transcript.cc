#include "text/transcript.h"

#include <algorithm>

#include "text/unicode/characters.h"

// Tested by transcript_test.cc.
namespace katip::text {
namespace {

// Far beyond any recording, and far below what sums of times overflow at.
constexpr std::int64_t kTimeMaxMs = std::int64_t{1'000'000} * 3'600'000;

void clean_times(std::int64_t& start_ms, std::int64_t& end_ms) {
  start_ms = std::clamp<std::int64_t>(start_ms, 0, kTimeMaxMs);
  end_ms = std::clamp<std::int64_t>(end_ms, start_ms, kTimeMaxMs);
}

std::string clean_text(std::string_view text) { return std::string(trimmed(clean_line(text))); }

Segment cleaned(Segment segment) {
  clean_times(segment.start_ms, segment.end_ms);
  std::string words_text;
  for (Word& word : segment.words) {
    clean_times(word.start_ms, word.end_ms);
    word.text = clean_line(word.text);
    word.speaker = clean_text(word.speaker);
    words_text += word.text;
  }
  std::erase_if(segment.words, [](const Word& word) { return trimmed(word.text).empty(); });
  segment.speaker = clean_text(segment.speaker);
  segment.text = clean_text(segment.text);
  if (segment.text.empty()) {
    segment.text = std::string(trimmed(words_text));
  }
  segment.window_start_ms = std::clamp<std::int64_t>(segment.window_start_ms, 0, kTimeMaxMs);
  return segment;
}

}  // namespace

std::string full_text(const Transcript& transcript) {
  std::string text;
  for (const Segment& segment : transcript.segments) {
    text += joint(text, segment.text);
    text += segment.text;
  }
  return text;
}

Transcript cleaned(const Transcript& transcript) {
  Transcript clean = transcript;
  clean.language = clean_text(clean.language);
  clean.duration_ms = std::clamp<std::int64_t>(clean.duration_ms, 0, kTimeMaxMs);
  if (clean.warning) {
    clean.warning = clean_text(*clean.warning);
  }
  std::ranges::transform(clean.segments, clean.segments.begin(),
                         [](Segment& segment) { return cleaned(std::move(segment)); });
  std::erase_if(clean.segments, [](const Segment& segment) { return segment.text.empty(); });
  return clean;
}

}  // namespace katip::text
