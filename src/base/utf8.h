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

/// A byte that begins no character counts as one.
std::size_t character_count(std::string_view text);

/// The largest size, at most `size_max`, at which the text can be cut without cutting a character.
std::size_t cut_size(std::string_view text, std::size_t size_max);

}  // namespace katip
