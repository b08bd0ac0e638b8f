#pragma once

#include <cstddef>
#include <string_view>

/// UTF-8 from outside, of which nothing may be taken for granted.
///
/// Source: Unicode 15, table 3-7: overlong forms, surrogates and what is above U+10FFFF are none.
namespace katip {

/// How many bytes the character has that begins the text; 0 when none does. The text is not empty.
std::size_t character_size(std::string_view text);

bool is_utf8(std::string_view text);

/// Whether the byte goes on with a character that one before it has begun.
constexpr bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// Where the character ends that begins at `at`: behind its bytes that go on. What is no UTF-8 is
/// passed over by such steps as well. `at` is inside the text.
std::size_t character_end(std::string_view text, std::size_t at);
/// Where the character begins that has the byte at `at`; the size when `at` is behind the text.
std::size_t character_begin(std::string_view text, std::size_t at);

/// A byte that begins no character counts as one.
std::size_t character_count(std::string_view text);

/// The largest size, at most `size_max`, at which the text can be cut without cutting a character.
std::size_t cut_size(std::string_view text, std::size_t size_max);

}  // namespace katip
