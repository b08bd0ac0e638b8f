#include "engine/model/non_speech_tokens.h"

#include <set>
#include <string>
#include <string_view>

// Tested by whisper_tokenizer_test.cc against the lists in the published models.
namespace katip::engine {
namespace {

/// Suppressed where the vocabulary has a token of their own for them.
constexpr std::string_view kSymbols[] = {
    "\"",  "#",  "(",  ")",   "*",   "+",   "/",   ":",  ";",   "<",  "=",  ">",
    "@",   "[",  "\\", "]",   "^",   "_",   "`",   "{",  "|",   "}",  "~",  "「",
    "」",  "『", "』", "<<",  ">>",  "<<<", ">>>", "--", "---", "-(", "-[", "('",
    "(\"", "((", "))", "(((", ")))", "[[",  "]]",  "{{", "}}",  "♪♪", "♪♪♪"};

/// Suppressed by their first token, which stands for the first two bytes of U+2640 to U+267F.
constexpr std::string_view kMusicSymbols[] = {"♩", "♪", "♫", "♬", "♭", "♮", "♯"};

}  // namespace

std::vector<int> non_speech_tokens(const Tokenizer& tokenizer) {
  constexpr std::size_t kAnyCount = 8;
  std::set<int> result;
  const auto insert_first = [&](const std::string& text, std::size_t count_max) {
    const std::vector<int> tokens = tokenizer.encode(text);
    if (tokens.empty() || tokens.size() > count_max) return;
    // A vocabulary without a token for " -" begins it with the space, which must stay.
    if (tokenizer.decode({&tokens.front(), 1}) != " ") result.insert(tokens.front());
  };
  for (const std::string_view symbol : kSymbols) {
    insert_first(std::string(symbol), 1);
    insert_first(" " + std::string(symbol), 1);
  }
  for (const std::string_view symbol : kMusicSymbols) {
    insert_first(std::string(symbol), kAnyCount);
    insert_first(" " + std::string(symbol), kAnyCount);
  }
  // Inside a word they are fine: well-known, don't.
  insert_first(" -", kAnyCount);
  insert_first(" '", kAnyCount);
  return {result.begin(), result.end()};
}

}  // namespace katip::engine
