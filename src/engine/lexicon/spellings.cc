// Tested by spellings_test.cc.
#include "engine/lexicon/spellings.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "base/trimmed.h"
#include "engine/lexicon/token_traits.h"

namespace katip::engine {
namespace {

/// The text with a capital first letter, as at the start of a sentence; the text itself when it
/// has one already or begins with something else.
std::string capitalised(std::string_view text) {
  std::int32_t size = 0;
  UChar32 first = 0;
  U8_NEXT(text.data(), size, static_cast<std::int32_t>(text.size()), first);
  const UChar32 upper = first < 0 ? first : u_totitle(first);
  if (upper == first) return std::string(text);
  std::array<char, U8_MAX_LENGTH> bytes{};
  std::int32_t written = 0;
  U8_APPEND_UNSAFE(bytes.data(), written, upper);
  std::string capital(bytes.data(), static_cast<std::size_t>(written));
  capital += text.substr(static_cast<std::size_t>(size));
  return capital;
}

void add_text(const std::string& text, float weight, const Tokenizer& tokenizer,
              std::vector<TokenSequence>& sequences) {
  sequences.push_back({tokenizer.encode(text), weight});
  if (begins_without_space(text)) return;
  sequences.push_back({tokenizer.encode(" " + text), weight});
}

void add_cases(std::string_view spelling, float weight, const Tokenizer& tokenizer,
               std::vector<TokenSequence>& sequences) {
  const std::string text(trimmed(spelling));
  if (text.empty()) return;
  add_text(text, weight, tokenizer, sequences);
  const std::string capital = capitalised(text);
  if (capital != text) add_text(capital, weight, tokenizer, sequences);
}

}  // namespace

void add_spellings(const LexiconTerm& term, const Tokenizer& tokenizer,
                   std::vector<TokenSequence>& sequences) {
  add_cases(term.term, term.weight, tokenizer, sequences);
  for (const std::string& spelling : term.alternatives) {
    add_cases(spelling, term.weight, tokenizer, sequences);
  }
}

}  // namespace katip::engine
