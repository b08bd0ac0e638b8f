#include "engine/model/byte_level.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <unicode/uchar.h>

#include "base/assert.h"

// Tested by byte_level_test.cc, and by whisper_tokenizer_test.cc against golden values.
namespace katip::engine {
namespace {

struct CodePoint {
  std::int32_t value = -1;  ///< -1 for a byte that is not UTF-8.
  std::size_t size = 1;
};

/// The first character of `text`, which must not be empty. Overlong forms, surrogates and what lies
/// beyond U+10FFFF are not UTF-8.
CodePoint decode_first(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first < 0xc2   ? 0
                           : first < 0xe0 ? 2
                           : first < 0xf0 ? 3
                           : first < 0xf5 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return {};
  std::int32_t value = first & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3f);
  }
  constexpr std::array<std::int32_t, 5> kMinimum = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kMinimum[size] || value > 0x10ffff || is_surrogate) return {};
  return {value, size};
}

enum class CharacterClass { kLetter, kNumber, kSpace, kOther };

CharacterClass classify(std::int32_t character) {
  if (character < 0) return CharacterClass::kOther;
  const std::uint32_t mask = U_MASK(u_charType(character));
  if ((mask & U_GC_L_MASK) != 0) return CharacterClass::kLetter;
  if ((mask & U_GC_N_MASK) != 0) return CharacterClass::kNumber;
  return u_isUWhiteSpace(character) ? CharacterClass::kSpace : CharacterClass::kOther;
}

/// Where the run of characters of one class that starts at `begin` ends.
std::size_t run_end(std::string_view text, std::size_t begin, CharacterClass wanted) {
  std::size_t end = begin;
  while (end < text.size()) {
    const CodePoint next = decode_first(text.substr(end));
    if (classify(next.value) != wanted) break;
    end += next.size;
  }
  return end;
}

/// White space before a word leaves its last character to the word, which takes a space along.
std::size_t space_end(std::string_view text) {
  const std::size_t end = run_end(text, 0, CharacterClass::kSpace);
  if (end == text.size()) return end;
  std::size_t last = 0;
  for (std::size_t next = 0; next < end; next += decode_first(text.substr(next)).size) last = next;
  return last == 0 ? end : last;
}

/// The characters that spell bytes: printable Latin-1 spells itself, the other 68 bytes are U+0100
/// and onwards in their own order.
struct ByteSpelling {
  std::array<char16_t, 256> character{};
  std::array<std::int16_t, 512> byte{};
};

constexpr ByteSpelling make_spelling() {
  ByteSpelling spelling;
  for (auto& byte : spelling.byte) byte = -1;
  char16_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const bool printable =
        (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    const char16_t character = printable ? static_cast<char16_t>(byte) : next++;
    spelling.character[static_cast<std::size_t>(byte)] = character;
    spelling.byte[character] = static_cast<std::int16_t>(byte);
  }
  return spelling;
}

constexpr ByteSpelling kSpelling = make_spelling();

}  // namespace

void append_token_bytes(std::string_view token, std::string& out) {
  const std::size_t size_before = out.size();
  for (std::size_t i = 0; i < token.size();) {
    const CodePoint next = decode_first(token.substr(i));
    const bool known = next.value >= 0 && next.value < 512 &&
                       kSpelling.byte[static_cast<std::size_t>(next.value)] >= 0;
    if (!known) {
      out.resize(size_before);
      out += token;
      return;
    }
    out += static_cast<char>(kSpelling.byte[static_cast<std::size_t>(next.value)]);
    i += next.size;
  }
}

std::string spell_bytes(std::string_view bytes) {
  std::string spelled;
  for (const char byte : bytes) {
    const char16_t character = kSpelling.character[static_cast<std::uint8_t>(byte)];
    if (character < 0x80) {
      spelled += static_cast<char>(character);
    } else {
      spelled += static_cast<char>(0xc0 | character >> 6);
      spelled += static_cast<char>(0x80 | (character & 0x3f));
    }
  }
  return spelled;
}

std::string_view next_piece(std::string_view text) {
  KATIP_ASSERT(!text.empty());
  for (const std::string_view contraction : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
    if (text.starts_with(contraction)) return text.substr(0, contraction.size());
  }
  const std::size_t begin = text.front() == ' ' ? 1 : 0;
  if (begin < text.size()) {
    const CharacterClass kind = classify(decode_first(text.substr(begin)).value);
    if (kind != CharacterClass::kSpace) return text.substr(0, run_end(text, begin, kind));
  }
  return text.substr(0, space_end(text));
}

}  // namespace katip::engine
