#include "text/word_times.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "text/alignment.h"
#include "text/unicode/characters.h"

// Tested by word_times_test.cc.
namespace katip::text {
namespace {

/// What makes two words the same one: punctuation alone stands for itself.
std::string key_of(std::string_view word, std::string_view language) {
  const std::string_view bare = without_outer_punctuation(trimmed(word));
  return lower(bare.empty() ? trimmed(word) : bare, language);
}

std::vector<std::string> keys_of(const std::vector<std::string>& words, std::string_view language) {
  std::vector<std::string> keys;
  keys.reserve(words.size());
  for (const std::string& word : words) keys.push_back(key_of(word, language));
  return keys;
}

/// The new words [begin, end) share the time [start_ms, end_ms) by their length.
void share_time(std::vector<Word>& words, std::size_t begin, std::size_t end, std::int64_t start_ms,
                std::int64_t end_ms) {
  std::int64_t width_sum = 0;
  for (std::size_t i = begin; i < end; ++i) {
    width_sum += std::max(1, display_width(trimmed(words[i].text)));
  }
  const std::int64_t duration_ms = std::max<std::int64_t>(0, end_ms - start_ms);
  std::int64_t width = 0;
  for (std::size_t i = begin; i < end; ++i) {
    words[i].start_ms = start_ms + duration_ms * width / width_sum;
    width += std::max(1, display_width(trimmed(words[i].text)));
    words[i].end_ms = start_ms + duration_ms * width / width_sum;
  }
}

class Realignment {
 public:
  Realignment(const Segment& segment, std::string_view new_text, std::string_view language)
      : segment_(segment) {
    std::vector<std::string> old_texts;
    for (const Word& word : segment.words) old_texts.push_back(word.text);
    std::vector<std::string> texts = words_of(new_text);
    const std::vector<std::string> old_keys = keys_of(old_texts, language);
    const std::vector<std::string> new_keys = keys_of(texts, language);
    edits_ = align(std::span<const std::string>(old_keys), std::span<const std::string>(new_keys));
    for (std::string& text : texts) {
      words_.push_back({.text = std::move(text), .probability = 1.0f});
    }
  }

  std::vector<Word> run() {
    std::size_t run_begin = 0;  // The first new word behind the last kept one.
    std::size_t old_begin = 0;  // The same of the old words.
    for (const Edit& edit : edits_) {
      if (edit.kind != EditKind::kMatch) continue;
      const std::size_t at = edit.hypothesis_index;
      const Word& kept = segment_.words[edit.reference_index];
      fill(run_begin, at, old_begin, edit.reference_index, kept.start_ms);
      words_[at].start_ms = kept.start_ms;
      words_[at].end_ms = kept.end_ms;
      words_[at].probability = kept.probability;
      words_[at].speaker = kept.speaker;
      behind_ms_ = kept.end_ms;
      run_begin = at + 1;
      old_begin = edit.reference_index + 1;
    }
    fill(run_begin, words_.size(), old_begin, segment_.words.size(), segment_.end_ms);
    return std::move(words_);
  }

 private:
  /// New words [begin, end) in the place of the old ones [old_begin, old_end), before `limit_ms`.
  void fill(std::size_t begin, std::size_t end, std::size_t old_begin, std::size_t old_end,
            std::int64_t limit_ms) {
    if (begin == end) return;
    if (end - begin == old_end - old_begin) {  // One for one: each takes its time.
      for (std::size_t i = begin; i < end; ++i) {
        const Word& old = segment_.words[old_begin + i - begin];
        words_[i].start_ms = old.start_ms;
        words_[i].end_ms = old.end_ms;
        words_[i].speaker = old.speaker;
      }
      return;
    }
    const bool replaces = old_begin < old_end;
    const std::int64_t start_ms = replaces ? segment_.words[old_begin].start_ms : behind_ms_;
    const std::int64_t end_ms = replaces ? segment_.words[old_end - 1].end_ms : limit_ms;
    share_time(words_, begin, end, start_ms, end_ms);
    for (std::size_t i = begin; i < end; ++i) words_[i].speaker = speaker_at(old_begin);
  }
  [[nodiscard]] std::string speaker_at(std::size_t old_index) const {
    return segment_.words[std::min(old_index, segment_.words.size() - 1)].speaker;
  }

  const Segment& segment_;
  std::vector<Edit> edits_;
  std::vector<Word> words_;
  std::int64_t behind_ms_ = segment_.start_ms;  // The end of the last kept word.
};

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool has_letters = false;  // The last word has something besides blanks.
  char32_t before = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = character_end(text, at);
    const std::string_view character = text.substr(at, end - at);
    const char32_t c = first_character(character);
    const bool is_dense = is_written_without_spaces(c) && is_word_character(c);
    const bool begins = is_space(c)
                            ? has_letters
                            : has_letters && (is_dense || is_written_without_spaces(before)) &&
                                  is_word_character(c);
    if (words.empty() || begins) {
      words.emplace_back();
      has_letters = false;
    }
    words.back() += character;
    has_letters = has_letters || !is_space(c);
    before = c;
    at = end;
  }
  if (!words.empty() && !has_letters) {  // Blanks at the end belong to nobody.
    std::string blanks = std::move(words.back());
    words.pop_back();
    if (!words.empty()) words.back() += blanks;
  }
  return words;
}

std::vector<Word> realigned_words(const Segment& segment, std::string_view new_text,
                                  std::string_view language) {
  if (segment.words.empty()) return {};
  const std::string text = clean_line(new_text);
  const std::string_view bare = trimmed(text);
  if (bare.empty()) return {};
  return Realignment(segment, std::string(joint("a", bare)) + std::string(bare), language).run();
}

void clamp_words(Segment& segment) {
  for (Word& word : segment.words) {
    word.start_ms = std::clamp(word.start_ms, segment.start_ms, segment.end_ms);
    word.end_ms = std::clamp(word.end_ms, word.start_ms, segment.end_ms);
  }
}

}  // namespace katip::text
