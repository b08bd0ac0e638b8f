// Tested by token_traits_test.cc.
#include "engine/lexicon/token_traits.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/utf8.h"

namespace katip::engine {
namespace {

struct CharacterRange {
  char32_t first;
  char32_t last;
};
// Scripts without spaces between words, and their punctuation. Hangul has spaces.
constexpr std::array<CharacterRange, 8> kWithoutSpaces = {{{0x0e00, 0x0eff},      // Thai, Lao
                                                           {0x1000, 0x109f},      // Burmese
                                                           {0x1780, 0x17ff},      // Khmer
                                                           {0x2e80, 0x312f},      // Kana, radicals
                                                           {0x31a0, 0x9fff},      // Han
                                                           {0xf900, 0xfaff},      // more Han
                                                           {0xff00, 0xffef},      // wide forms
                                                           {0x20000, 0x323af}}};  // rare Han

/// The character at the front of `text`; 0 when its bytes are incomplete.
char32_t first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.empty() ? 0 : text[0]);
  if (lead < 0x80) return lead;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc0 || text.size() < size) return 0;
  char32_t character = lead & (0xff >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return 0;
    character = (character << 6) | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  return character;
}

bool is_without_spaces(char32_t character) {
  return std::ranges::any_of(kWithoutSpaces, [character](const CharacterRange& range) {
    return range.first <= character && character <= range.last;
  });
}

bool is_ascii_word(char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}

bool ends_a_word(std::string_view text) {
  if (text.empty()) return false;
  const char32_t last = first_character(text.substr(character_begin(text, text.size() - 1)));
  if (last == 0) return false;  // in the middle of a character
  return last < 0x80 ? !is_ascii_word(text.back()) : is_without_spaces(last);
}

}  // namespace

TokenTraits::TokenTraits(const Tokenizer& tokenizer) {
  const int count = std::max(0, tokenizer.special().end_of_text);
  traits_.resize(static_cast<std::size_t>(count));
  for (int token = 0; token < count; ++token) {
    const std::string text = tokenizer.decode(std::array{token});
    const int space = text.starts_with(' ') ? kSpace : 0;
    const int end = ends_a_word(text) ? kEndsWord : 0;
    traits_[static_cast<std::size_t>(token)] = static_cast<std::uint8_t>(space | end);
  }
}

bool begins_without_space(std::string_view text) {
  return is_without_spaces(first_character(text));
}

}  // namespace katip::engine
