#include "text/unicode/characters.h"

#include <algorithm>
#include <memory>
#include <optional>

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

// ICU knows the characters; the rules on top of it are ours. ASCII, which most text is, takes a
// short way wherever a table look-up per character would show.
// Tested by characters_test.cc.
namespace katip::text {
namespace {

std::int32_t length_of(std::string_view text) {
  // ICU counts in 32 bits. A single text never comes near; if one does, its end is not looked at.
  return static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 0x7FFFFFFF));
}

/// The character at `at`, which moves behind it.
char32_t next_character(std::string_view text, std::int32_t& at) {
  UChar32 c = 0;
  U8_NEXT_OR_FFFD(text.data(), at, length_of(text), c);
  return static_cast<char32_t>(c);
}

/// Calls visit(character, start, end) for each character, U+FFFD for ill-formed bytes.
template <typename Visit>
void for_each_character(std::string_view text, Visit visit) {
  const std::int32_t length = length_of(text);
  std::int32_t at = 0;
  while (at < length) {
    const std::int32_t start = at;
    const char32_t c = next_character(text, at);
    visit(c, static_cast<std::size_t>(start), static_cast<std::size_t>(at));
  }
}

void append_utf8(std::string& out, char32_t c) {
  char bytes[U8_MAX_LENGTH];
  std::int32_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, static_cast<UChar32>(c));
  out.append(bytes, static_cast<std::size_t>(size));
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_line_break_or_tab(char32_t c) {
  return (c >= U'\t' && c <= U'\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool is_wide(UChar32 c) {
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ||
         u_hasBinaryProperty(c, UCHAR_EMOJI_PRESENTATION);
}

bool is_invisible(UChar32 c) {
  const auto type = u_charType(c);
  return type == U_CONTROL_CHAR || type == U_FORMAT_CHAR || type == U_NON_SPACING_MARK ||
         type == U_ENCLOSING_MARK;
}

icu::UnicodeString from_utf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), length_of(text)));
}

int character_width(UChar32 c) { return is_wide(c) ? 2 : is_invisible(c) ? 0 : 1; }

/// The width when no character of the text combines with its neighbour, else nothing.
std::optional<int> width_of_single_characters(std::string_view text) {
  int width = 0;
  bool single = true;
  for_each_character(text, [&](char32_t c, std::size_t, std::size_t) {
    const UChar32 character = static_cast<UChar32>(c);
    const int kind = u_getIntPropertyValue(character, UCHAR_GRAPHEME_CLUSTER_BREAK);
    single = single && (kind == U_GCB_OTHER || kind == U_GCB_LV || kind == U_GCB_LVT);
    width += character_width(character);
  });
  return single ? std::optional(width) : std::nullopt;
}

/// As wide as its widest character; a sign that is asked for in emoji style is wide.
int cluster_width(const icu::UnicodeString& text, std::int32_t start, std::int32_t end) {
  constexpr UChar32 kEmojiStyle = 0xFE0F;
  int width = 0;
  for (std::int32_t at = start; at < end; at = text.moveIndex32(at, 1)) {
    const UChar32 c = text.char32At(at);
    width = std::max(width, c == kEmojiStyle ? 2 : character_width(c));
  }
  return width;
}

/// Signs that Unicode calls punctuation but that are part of what was said.
bool belongs_to_word(char32_t c) {
  return c == U'%' || c == U'#' || c == U'&' || c == U'@' || c == U'/' || c == U'*' || c == U'‰' ||
         c == U'°';
}

bool is_outer_punctuation(char32_t c) {
  return is_space(c) || (u_ispunct(static_cast<UChar32>(c)) && !belongs_to_word(c));
}

}  // namespace

std::string clean_line(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for_each_character(text, [&](char32_t c, std::size_t, std::size_t) {
    if (is_line_break_or_tab(c)) {
      clean += ' ';
    } else if (u_charType(static_cast<UChar32>(c)) != U_CONTROL_CHAR && !U_IS_UNICODE_NONCHAR(c)) {
      append_utf8(clean, c);
    }
  });
  return clean;
}

std::string_view trimmed(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for_each_character(text, [&](char32_t c, std::size_t start, std::size_t after) {
    if (!is_space(c)) {
      begin = std::min(begin, start);
      end = after;
    }
  });
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

int display_width(std::string_view text) {
  if (is_ascii(text)) {
    return static_cast<int>(
        std::ranges::count_if(text, [](char c) { return c >= ' ' && c != '\x7f'; }));
  }
  if (const std::optional<int> width = width_of_single_characters(text)) {
    return *width;
  }
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> clusters(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
  const icu::UnicodeString characters = from_utf8(text);
  if (U_FAILURE(status)) {  // ICU without its data; code points are the next best count.
    return characters.countChar32();
  }
  clusters->setText(characters);
  int width = 0;
  std::int32_t start = clusters->first();
  for (std::int32_t end = clusters->next(); end != icu::BreakIterator::DONE;
       start = end, end = clusters->next()) {
    width += cluster_width(characters, start, end);
  }
  return width;
}

char32_t first_character(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  std::int32_t at = 0;
  return next_character(text, at);
}

char32_t last_character(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  std::int32_t at = length_of(text);
  UChar32 c = 0;
  U8_PREV_OR_FFFD(text.data(), 0, at, c);
  return static_cast<char32_t>(c);
}

bool is_space(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)); }

bool is_word_character(char32_t c) {
  constexpr auto kWordTypes = U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK;
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & kWordTypes) != 0;
}

bool is_lower_case(char32_t c) { return u_islower(static_cast<UChar32>(c)); }

bool ends_sentence(char32_t c) {
  constexpr std::u32string_view kMarks = U".!?…。！？．؟۔।॥።។៕‼⁇⁈⁉";
  return kMarks.find(c) != kMarks.npos;
}

bool is_joined_without_space(char32_t c) {
  if (c < 0x2E80) {
    return false;
  }
  if ((c >= 0x3000 && c <= 0x303F) || (c >= 0xFF00 && c <= 0xFF65)) {
    return true;  // Punctuation and full-width forms, which are common to the scripts.
  }
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &status);
  return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
         script == USCRIPT_BOPOMOFO || c == U'ー';
}

bool is_written_without_spaces(char32_t c) {
  if (c < 0x0E00) {
    return false;
  }
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &status);
  return script == USCRIPT_THAI || script == USCRIPT_LAO || script == USCRIPT_KHMER ||
         script == USCRIPT_MYANMAR || is_joined_without_space(c);
}

std::string_view joint(std::string_view before, std::string_view after) {
  if (before.empty() || after.empty()) {
    return "";
  }
  return is_joined_without_space(last_character(before)) &&
                 is_joined_without_space(first_character(after))
             ? ""
             : " ";
}

std::string lower(std::string_view text, std::string_view language) {
  const bool dotless = language == "tr" || language == "az";
  if (!dotless && is_ascii(text)) {
    std::string lowered(text);
    std::ranges::transform(lowered, lowered.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lowered;
  }
  icu::UnicodeString characters = from_utf8(text);
  characters.toLower(dotless ? icu::Locale("tr") : icu::Locale::getRoot());
  std::string lowered;
  return characters.toUTF8String(lowered);
}

std::string_view without_outer_punctuation(std::string_view word) {
  std::size_t begin = word.size();
  std::size_t end = 0;
  for_each_character(word, [&](char32_t c, std::size_t start, std::size_t after) {
    if (!is_outer_punctuation(c)) {
      begin = std::min(begin, start);
      end = after;
    }
  });
  return begin < end ? word.substr(begin, end - begin) : std::string_view();
}

}  // namespace katip::text
