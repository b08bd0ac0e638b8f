#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "store/search/search_query.h"

/// Where a text fits a query, for showing it. Found in the text itself and not by the database, so
/// that accents, capitals and both databases are treated alike.
namespace katip::store {

/// Bytes [begin, end) of a text.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const TextRange&, const TextRange&) = default;
};

/// A part of a text with what was found in it. It is plain text: whoever puts it into HTML escapes
/// the pieces between the ranges.
struct Snippet {
  std::string text;
  std::vector<TextRange> matches;  ///< Of `text`; ascending, not overlapping.
  bool is_cut_before = false;
  bool is_cut_after = false;
};

/// All matches, ascending, not overlapping. A word that the database found by its stem has no exact
/// match: where a query has none at all, words that begin with one of its words are given.
///
/// Threads: pure.
std::vector<TextRange> find_matches(std::string_view text, const SearchQuery& query);

/// About `size` bytes around the place with the most matches, cut between words; the beginning of
/// the text when there is no match.
///
/// Threads: pure.
Snippet make_snippet(std::string_view text, const SearchQuery& query, std::size_t size = 240);

}  // namespace katip::store
