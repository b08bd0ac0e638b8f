// Tested by split_words_test.cc.
#include "engine/align/split_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/trimmed.h"
#include "base/utf8.h"

namespace katip::engine {
namespace {

constexpr std::array<std::string_view, 6> kWithoutSpaces = {"zh", "ja", "th", "lo", "my", "yue"};
constexpr std::string_view kAsciiPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
constexpr std::string_view kPrepended = "\"'“¿([{-";
constexpr std::string_view kAppended = "\"'.。,，!！?？:：”)]}、";
constexpr std::string_view kSentenceEnds = ".。!！?？";
constexpr std::string_view kBlanks = " \t\n\v\f\r";

std::string_view strip(std::string_view text) { return trimmed(text, kBlanks); }

/// For each place between two bytes: does it lie inside a character?
std::vector<bool> inside_characters(std::string_view text) {
  std::vector<bool> inside(text.size() + 1, false);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::max<std::size_t>(1, character_size(text.substr(at)));
    for (std::size_t i = 1; i < size; ++i) inside[at + i] = true;
    at += size;
  }
  return inside;
}

std::vector<TokenWord> split_on_characters(std::span<const int> tokens,
                                           const Tokenizer& tokenizer) {
  std::string text;
  std::vector<std::size_t> ends;  // of each token, in bytes
  ends.reserve(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    text += tokenizer.decode(tokens.subspan(i, 1));
    ends.push_back(text.size());
  }
  const std::vector<bool> inside = inside_characters(text);
  std::vector<TokenWord> words;
  std::size_t token_begin = 0;
  std::size_t byte_begin = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (inside[ends[i]]) continue;
    words.push_back({text.substr(byte_begin, ends[i] - byte_begin), token_begin, i + 1});
    token_begin = i + 1;
    byte_begin = ends[i];
  }
  return words;
}

std::vector<TokenWord> join_to_spaces(std::vector<TokenWord> parts) {
  std::vector<TokenWord> words;
  for (TokenWord& part : parts) {
    const bool is_mark = kAsciiPunctuation.contains(strip(part.text));
    if (part.text.starts_with(' ') || is_mark || words.empty()) {
      words.push_back(std::move(part));
    } else {
      words.back().text += part.text;
      words.back().token_end = part.token_end;
    }
  }
  return words;
}

}  // namespace

std::vector<TokenWord> split_words(std::span<const int> tokens, std::string_view language,
                                   const Tokenizer& tokenizer) {
  std::vector<TokenWord> parts = split_on_characters(tokens, tokenizer);
  if (std::ranges::find(kWithoutSpaces, language) != kWithoutSpaces.end()) return parts;
  return join_to_spaces(std::move(parts));
}

bool is_prepended(std::string_view text) {
  const std::string_view mark = strip(text);
  return text.starts_with(' ') && kPrepended.contains(mark);
}

bool is_appended(std::string_view text) { return !text.empty() && kAppended.contains(text); }

bool is_sentence_end(std::string_view text) {
  return !text.empty() && kSentenceEnds.contains(text);
}

}  // namespace katip::engine
