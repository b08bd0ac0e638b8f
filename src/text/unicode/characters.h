#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Questions about characters that the rest of the module asks. Every function takes any bytes:
/// what is not UTF-8 counts as U+FFFD, and nothing here fails or throws.
///
/// Threads: pure; safe from any thread.
namespace katip::text {

/// The text on one line: bytes that are not UTF-8 become U+FFFD, line breaks and tabs become
/// spaces, other control characters and noncharacters go. What is left may stand in any format.
std::string clean_line(std::string_view text);

/// Without white space at both ends.
std::string_view trimmed(std::string_view text);

/// Columns that the text takes on a screen: grapheme clusters, of which those of East Asian wide
/// characters and emoji count twice and invisible ones not at all.
int display_width(std::string_view text);

/// U+0000 for an empty text.
char32_t first_character(std::string_view text);
char32_t last_character(std::string_view text);

/// White space in the sense of Unicode.
bool is_space(char32_t c);
/// A letter, mark or digit.
bool is_word_character(char32_t c);
bool is_lower_case(char32_t c);
/// A full stop, question mark or the like, in any script.
bool ends_sentence(char32_t c);
/// Han, kana and the punctuation that is set with them: their texts are joined without a space.
bool is_joined_without_space(char32_t c);
/// As is_joined_without_space, and the scripts that write words without spaces: Thai, Lao, Khmer,
/// Burmese. A line may break inside their runs.
bool is_written_without_spaces(char32_t c);

/// The space, or the nothing, that belongs between two texts that follow each other.
std::string_view joint(std::string_view before, std::string_view after);

/// In lower case by the rules of the language: "I" is "ı" in Turkish and Azerbaijani, "i"
/// elsewhere.
std::string lower(std::string_view text, std::string_view language);

/// Without the punctuation at both ends; signs that belong to a word stay (50%, C#, $5).
std::string_view without_outer_punctuation(std::string_view word);

}  // namespace katip::text
