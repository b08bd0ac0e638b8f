#include "text/normalize.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "text/unicode/characters.h"

// NFKC first, so that full-width letters and ligatures are letters; then case; then the words are
// runs of letters, marks and digits.
// Tested by normalize_test.cc, and against the counts of a reference scorer by word_errors_test.cc.
namespace katip::text {
namespace {

constexpr char32_t kCombiningDot = 0x0307;

std::string compatibility_form(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFKCInstance(status);
  const auto size = static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 0x7FFFFFFF));
  icu::UnicodeString characters = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), size));
  if (U_SUCCESS(status)) {
    characters = form->normalize(characters, status);
  }
  std::string utf8;
  return characters.toUTF8String(utf8);
}

bool is_apostrophe(UChar32 c) {
  return c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x02BC || c == '`';
}

/// The runs of word characters, with the apostrophes inside them.
std::vector<std::string> split_words(const icu::UnicodeString& text) {
  std::vector<std::string> words;
  icu::UnicodeString word;
  const auto finish_word = [&] {
    if (!word.isEmpty()) {
      words.emplace_back();
      word.toUTF8String(words.back());
      word.remove();
    }
  };
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    const UChar32 c = text.char32At(at);
    const auto is_word = [](UChar32 x) { return is_word_character(static_cast<char32_t>(x)); };
    if (is_word(c)) {
      // Only Turkish keeps the dot above i; elsewhere it is what lower case made of a capital İ.
      if (static_cast<char32_t>(c) != kCombiningDot || !word.endsWith(u'i')) {
        word.append(c);
      }
    } else if (is_apostrophe(c) && !word.isEmpty() && at + 1 < text.length() &&
               is_word(text.char32At(at + 1))) {
      word.append(u'\'');
    } else if (static_cast<char32_t>(c) != 0x00AD && static_cast<char32_t>(c) != 0x200B) {
      finish_word();  // A soft hyphen or a zero-width space is inside a word.
    }
  }
  finish_word();
  return words;
}

void apply_english_rules(std::vector<std::string>& words) {
  static const std::unordered_map<std::string_view, std::string_view> kDigits = {
      {"zero", "0"},     {"one", "1"},        {"two", "2"},       {"three", "3"},
      {"four", "4"},     {"five", "5"},       {"six", "6"},       {"seven", "7"},
      {"eight", "8"},    {"nine", "9"},       {"ten", "10"},      {"eleven", "11"},
      {"twelve", "12"},  {"thirteen", "13"},  {"fourteen", "14"}, {"fifteen", "15"},
      {"sixteen", "16"}, {"seventeen", "17"}, {"eighteen", "18"}, {"nineteen", "19"},
      {"twenty", "20"},
  };
  std::erase_if(
      words, [](const std::string& word) { return word == "uh" || word == "um" || word == "mr"; });
  for (std::string& word : words) {
    if (const auto digits = kDigits.find(word); digits != kDigits.end()) {
      word = digits->second;
    }
  }
}

}  // namespace

ErrorUnit error_unit(std::string_view language) {
  constexpr auto kByCharacter =
      std::to_array<std::string_view>({"zh", "yue", "ja", "ko", "th", "lo", "km", "my"});
  return std::ranges::find(kByCharacter, language) != kByCharacter.end() ? ErrorUnit::kCharacter
                                                                         : ErrorUnit::kWord;
}

std::vector<std::string> normalized_words(std::string_view text, std::string_view language) {
  const std::string lowered = lower(compatibility_form(text), language);
  std::vector<std::string> words = split_words(icu::UnicodeString::fromUTF8(lowered));
  if (language == "en") {
    apply_english_rules(words);
  }
  return words;
}

std::string normalized_term(std::string_view term, std::string_view language) {
  const std::string lowered = lower(compatibility_form(clean_line(term)), language);
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(lowered);
  icu::UnicodeString normal;
  bool is_apart = false;
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    const UChar32 c = text.char32At(at);
    if (is_space(static_cast<char32_t>(c))) {
      is_apart = !normal.isEmpty();
      continue;
    }
    if (static_cast<char32_t>(c) == kCombiningDot && normal.endsWith(u'i')) continue;
    if (std::exchange(is_apart, false)) normal.append(u' ');
    normal.append(is_apostrophe(c) ? UChar32{u'\''} : c);
  }
  std::string utf8;
  return normal.toUTF8String(utf8);
}

std::vector<std::string> normalized_characters(std::string_view text, std::string_view language) {
  std::vector<std::string> characters;
  for (const std::string& word : normalized_words(text, language)) {
    const icu::UnicodeString letters = icu::UnicodeString::fromUTF8(word);
    for (std::int32_t at = 0; at < letters.length(); at = letters.moveIndex32(at, 1)) {
      characters.emplace_back();
      icu::UnicodeString(letters.char32At(at)).toUTF8String(characters.back());
    }
  }
  return characters;
}

}  // namespace katip::text
