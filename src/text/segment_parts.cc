#include "text/segment_parts.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "text/unicode/characters.h"
#include "text/word_times.h"

// Tested by segment_parts_test.cc.
namespace katip::text {
namespace {

/// Below this nobody hears anything; it is what keeps a part from lasting no time at all.
constexpr std::int64_t kPartMsMin = 2;

std::string text_of(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += word.text;
  return text;
}

/// The words whose texts, put together, are the segment's text; empty when it has none.
std::vector<Word> fitting_words(const Segment& segment, std::string_view language) {
  if (trimmed(text_of(segment.words)) == segment.text) return segment.words;
  return realigned_words(segment, segment.text, language);
}

std::int64_t shared_time(std::int64_t start_ms, std::int64_t end_ms, std::string_view left,
                         std::string_view right) {
  const int width = std::max(1, display_width(trimmed(left)));
  const int all = width + std::max(1, display_width(trimmed(right)));
  return start_ms + (end_ms - start_ms) * width / all;
}

/// Both halves of a word, the second without a space before it: it stood inside of the word.
std::pair<Word, Word> cut_word(const Word& word, std::size_t at) {
  std::pair<Word, Word> parts{word, word};
  parts.first.text = word.text.substr(0, at);
  parts.second.text = word.text.substr(at);
  const std::int64_t cut_ms =
      shared_time(word.start_ms, word.end_ms, parts.first.text, parts.second.text);
  parts.first.end_ms = cut_ms;
  parts.second.start_ms = cut_ms;
  return parts;
}

/// `at` counts from the beginning of the segment's text, which has no blanks there; the first word
/// may.
std::pair<std::vector<Word>, std::vector<Word>> share_words(std::vector<Word> words,
                                                            std::size_t at) {
  std::pair<std::vector<Word>, std::vector<Word>> parts;
  const std::string all = text_of(words);
  at += static_cast<std::size_t>(trimmed(all).data() - all.data());
  std::size_t begin = 0;
  for (Word& word : words) {
    const std::size_t size = word.text.size();
    const std::size_t cut = std::clamp(at, begin, begin + size) - begin;
    begin += size;
    const std::string_view whole = word.text;
    const bool is_left = !trimmed(whole.substr(0, cut)).empty();
    if (is_left && !trimmed(whole.substr(cut)).empty()) {
      auto [left, right] = cut_word(word, cut);
      parts.first.push_back(std::move(left));
      parts.second.push_back(std::move(right));
    } else {
      (is_left ? parts.first : parts.second).push_back(std::move(word));
    }
  }
  return parts;
}

/// The times of two parts, whatever the words say: both last, and neither leaves the segment.
void set_times(const Segment& segment, Segment& first, Segment& second) {
  std::int64_t end_ms = 0;
  std::int64_t start_ms = 0;
  if (first.words.empty() || second.words.empty()) {
    end_ms = shared_time(segment.start_ms, segment.end_ms, first.text, second.text);
    start_ms = end_ms;
  } else {
    end_ms = first.words.back().end_ms;
    start_ms = second.words.front().start_ms;
  }
  first.end_ms =
      std::clamp(end_ms, segment.start_ms + kPartMsMin / 2, segment.end_ms - kPartMsMin / 2);
  second.start_ms = std::clamp(start_ms, first.start_ms, segment.end_ms - kPartMsMin / 2);
  clamp_words(first);
  clamp_words(second);
}

float mean(float first, float second, double share) {
  return static_cast<float>(double{first} * share + double{second} * (1 - share));
}

}  // namespace

Result<std::pair<Segment, Segment>> split_segment(const Segment& segment, std::size_t at,
                                                  std::string_view language) {
  const std::string_view text = segment.text;
  if (at > text.size() || cut_size(text, at) != at) {
    return fail(ErrorCode::kInvalidArgument,
                "`at` counts the bytes of the text in UTF-8, and is not between two characters");
  }
  const std::string_view left = trimmed(text.substr(0, at));
  const std::string_view right = trimmed(text.substr(at));
  if (left.empty() || right.empty()) {
    return fail(ErrorCode::kInvalidArgument, "there is no text on one side of the cut");
  }
  if (segment.end_ms - segment.start_ms < kPartMsMin) {
    return fail(ErrorCode::kInvalidArgument, "the segment is too short to be cut");
  }
  std::pair<Segment, Segment> parts{segment, segment};
  auto& [first, second] = parts;
  first.text = left;
  second.text = right;
  for (Segment* part : {&first, &second}) {
    part->tokens.clear();
    part->scored_tokens.clear();
  }
  auto [first_words, second_words] = share_words(fitting_words(segment, language), at);
  first.words = std::move(first_words);
  second.words = std::move(second_words);
  set_times(segment, first, second);
  return parts;
}

Segment merged_segment(const Segment& first, const Segment& second) {
  Segment whole = first;
  whole.start_ms = std::min(first.start_ms, second.start_ms);
  whole.end_ms = std::max(first.end_ms, second.end_ms);
  const std::string between(joint(first.text, second.text));
  whole.text = first.text + between + second.text;
  whole.tokens.insert(whole.tokens.end(), second.tokens.begin(), second.tokens.end());
  whole.scored_tokens.insert(whole.scored_tokens.end(), second.scored_tokens.begin(),
                             second.scored_tokens.end());
  // Words of one only would be taken for all there are.
  if (first.words.empty() != second.words.empty()) {
    whole.words.clear();
  } else if (!second.words.empty()) {
    const std::size_t joined_at = whole.words.size();
    whole.words.insert(whole.words.end(), second.words.begin(), second.words.end());
    Word& word = whole.words[joined_at];
    word.text = between + std::string(trimmed(word.text));
    clamp_words(whole);
  }
  if (whole.speaker.empty()) whole.speaker = second.speaker;
  if (!first.speaker.empty() && !second.speaker.empty() && first.speaker != second.speaker) {
    for (Word& word : whole.words) word.speaker.clear();
  }
  const auto first_ms =
      static_cast<double>(std::max<std::int64_t>(1, first.end_ms - first.start_ms));
  const auto second_ms =
      static_cast<double>(std::max<std::int64_t>(1, second.end_ms - second.start_ms));
  const double share = first_ms / (first_ms + second_ms);
  whole.temperature = std::max(first.temperature, second.temperature);
  whole.average_log_probability =
      mean(first.average_log_probability, second.average_log_probability, share);
  whole.compression_ratio = mean(first.compression_ratio, second.compression_ratio, share);
  whole.no_speech_probability =
      mean(first.no_speech_probability, second.no_speech_probability, share);
  return whole;
}

}  // namespace katip::text
