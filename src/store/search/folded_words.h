#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Words as search sees them, the same on both databases.
///
/// A word is a run of letters, digits and marks; where a script puts no blanks between words (Thai,
/// Chinese, Japanese) ICU's dictionary divides them. Folded, it is in lower case by the rules of
/// Turkish, without accents, and with one i: "ISPARTA", "Isparta" and "ısparta" are `isparta`,
/// "İstanbul'da" is `istanbul` and `da`, "çağrı" is `cagri`. People search on every keyboard, and a
/// few words more are found so rather than some missed.
namespace katip::store {

struct FoldedWord {
  std::size_t begin = 0;  ///< Bytes of the text.
  std::size_t end = 0;
  std::string text;  ///< Never empty; at most 64 code points, the rest is cut off.
};

/// Bytes that are not UTF-8 divide words.
///
/// Threads: pure.
std::vector<FoldedWord> folded_words(std::string_view text);

/// The folded words with one blank between them: what the columns `search_text` hold.
std::string search_text(std::string_view text);

/// Lower case by the rules of Turkish and nothing else, as the Turkish stemmer reads it.
std::string lower_turkish(std::string_view text);

}  // namespace katip::store
