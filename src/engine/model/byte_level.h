#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The two ideas under every GPT-2 style vocabulary: tokens are bytes spelled as printable
/// characters, and text is cut into pieces before any merging, so that no token spans two words.
namespace katip::engine {

/// Appends the bytes that `token` spells ("Ġthe" -> " the"); a token with characters that spell no
/// byte is taken as plain text.
void append_token_bytes(std::string_view token, std::string& out);

/// How a vocabulary file spells `bytes`: the inverse of append_token_bytes().
std::string spell_bytes(std::string_view bytes);

/// The next piece of `text`, which must not be empty: a contraction, a run of letters, of digits or
/// of other characters with the space before it, or white space. Pieces joined give `text` again.
/// Bytes that are not UTF-8 count as other characters.
///
/// Source: the pattern of GPT-2's encoder.py; golden values in tests/golden/tokenizer/.
std::string_view next_piece(std::string_view text);

}  // namespace katip::engine
