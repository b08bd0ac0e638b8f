#include "store/search/folded_words.h"

#include <algorithm>
#include <memory>

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include "base/assert.h"

// Tested by folded_words_test.cc.
namespace katip::store {
namespace {

constexpr int kCodePointsMax = 64;

/// Letters, digits, marks: the same classes that the tokenizer of FTS5 is given in the schema.
bool is_word_character(UChar32 c) {
  constexpr std::uint32_t kMask = U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK;
  return c >= 0 && (U_GET_GC_MASK(c) & kMask) != 0;
}

bool is_accent(UChar32 c) { return c >= 0x0300 && c <= 0x036F; }

std::string to_utf8(const icu::UnicodeString& text) {
  std::string bytes;
  text.toUTF8String(bytes);
  return bytes;
}

icu::UnicodeString from_utf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

std::string fold_ascii(std::string_view word) {
  std::string folded(word.substr(0, kCodePointsMax));
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

/// Lower case first: without its dot İ would be I, and that a dotless ı.
std::string fold(std::string_view word) {
  if (std::ranges::all_of(word, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    return fold_ascii(word);
  }
  UErrorCode code = U_ZERO_ERROR;
  icu::UnicodeString lower = from_utf8(word).toLower(icu::Locale("tr")).foldCase();
  const icu::UnicodeString apart = icu::Normalizer2::getNFKDInstance(code)->normalize(lower, code);
  icu::UnicodeString kept;
  int count = 0;
  for (std::int32_t i = 0; i < apart.length() && count < kCodePointsMax;
       i = apart.moveIndex32(i, 1)) {
    const UChar32 c = apart.char32At(i);
    if (!is_word_character(c) || is_accent(c)) continue;
    kept.append(c == 0x0131 ? UChar32{'i'} : c);
    ++count;
  }
  const icu::UnicodeString whole = icu::Normalizer2::getNFCInstance(code)->normalize(kept, code);
  KATIP_ASSERT(U_SUCCESS(code));  // The tables are part of ICU.
  return to_utf8(whole);
}

/// A character of a script that puts no blanks between words.
bool is_dense(UChar32 c) {
  if (c < 0x0E00) return false;
  UErrorCode code = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(c, &code);
  return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
         u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT;
}

bool has_dense(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    UChar32 c = 0;
    U8_NEXT(text.data(), at, text.size(), c);
    if (is_dense(c)) return true;
  }
  return false;
}

struct CloseText {
  void operator()(UText* text) const { utext_close(text); }
};

/// Where ICU's dictionaries divide a text, ascending.
std::vector<std::size_t> dictionary_breaks(std::string_view text) {
  UErrorCode code = U_ZERO_ERROR;
  const std::unique_ptr<UText, CloseText> reader(
      utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &code));
  // Root: how words are divided does not depend on the language of the person who searches.
  const std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), code));
  KATIP_ASSERT(U_SUCCESS(code));
  breaks->setText(reader.get(), code);
  KATIP_ASSERT(U_SUCCESS(code));
  std::vector<std::size_t> places;
  for (auto at = breaks->first(); at != icu::BreakIterator::DONE; at = breaks->next()) {
    places.push_back(static_cast<std::size_t>(at));
  }
  return places;
}

}  // namespace

std::vector<FoldedWord> folded_words(std::string_view text) {
  const std::vector<std::size_t> breaks =
      has_dense(text) ? dictionary_breaks(text) : std::vector<std::size_t>();
  std::vector<FoldedWord> words;
  std::size_t word_begin = 0;
  const auto close = [&](std::size_t word_end) {
    if (word_end <= word_begin) return;
    std::string folded = fold(text.substr(word_begin, word_end - word_begin));
    if (!folded.empty()) words.push_back({word_begin, word_end, std::move(folded)});
  };
  bool was_dense = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, text.size(), c);
    if (!is_word_character(c)) {
      close(here);
      word_begin = at;
      was_dense = false;
      continue;
    }
    const bool dense = is_dense(c);
    if ((dense || was_dense) && std::ranges::binary_search(breaks, here)) {
      close(here);
      word_begin = here;
    }
    was_dense = dense;
  }
  close(text.size());
  return words;
}

std::string search_text(std::string_view text) {
  std::string joined;
  for (const FoldedWord& word : folded_words(text)) {
    if (!joined.empty()) joined += ' ';
    joined += word.text;
  }
  return joined;
}

std::string lower_turkish(std::string_view text) {
  return to_utf8(from_utf8(text).toLower(icu::Locale("tr")));
}

}  // namespace katip::store
