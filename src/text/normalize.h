#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Texts made comparable: what two writers of the same speech may do differently is taken away, so
/// that only words that differ count as errors.
///
/// NFKC; lower case by the rules of the language; punctuation and symbols out, where a word with a
/// hyphen becomes two and an apostrophe inside a word stays; in English, the number words zero to
/// twenty become digits and "uh", "um", "mr" go.
///
/// Threads: pure; safe from any thread.
namespace katip::text {

enum class ErrorUnit { kWord, kCharacter };

/// Characters for languages that do not put spaces between words, and for Korean, whose spaces are
/// a matter of taste (zh, yue, ja, ko, th, lo, km, my); words for all others.
ErrorUnit error_unit(std::string_view language);

/// In the order of the text; bytes that are not UTF-8 separate words.
std::vector<std::string> normalized_words(std::string_view text, std::string_view language);

/// A term of a lexicon as its duplicates are recognised by: NFKC, lower case by the rules of the
/// language, single blanks. Its signs stay, since C, C++ and C# are three terms.
std::string normalized_term(std::string_view term, std::string_view language);

/// One string for each code point of the normalised words, spaces left out.
std::vector<std::string> normalized_characters(std::string_view text, std::string_view language);

}  // namespace katip::text
