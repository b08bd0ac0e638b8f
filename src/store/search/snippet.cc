#include "store/search/snippet.h"

#include <algorithm>

#include "base/utf8.h"
#include "store/search/folded_words.h"

// Tested by snippet_test.cc.
namespace katip::store {
namespace {

bool fits(std::string_view word, std::string_view wanted, bool is_prefix) {
  return is_prefix ? word.starts_with(wanted) : word == wanted;
}

bool fits_at(const std::vector<FoldedWord>& words, std::size_t at, const SearchQuery::Term& term) {
  const std::size_t count = term.words.size();
  if (at + count > words.size()) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!fits(words[at + i].text, term.words[i], term.is_prefix && i + 1 == count)) return false;
  }
  return true;
}

/// Adds a range, or makes the last one longer when they touch.
void add(std::vector<TextRange>& ranges, TextRange range) {
  if (!ranges.empty() && range.begin <= ranges.back().end) {
    ranges.back().end = std::max(ranges.back().end, range.end);
  } else {
    ranges.push_back(range);
  }
}

std::vector<TextRange> find_exact(const std::vector<FoldedWord>& words, const SearchQuery& query) {
  std::vector<TextRange> ranges;
  for (std::size_t at = 0; at < words.size(); ++at) {
    for (const SearchQuery::Term& term : query.terms()) {
      if (!term.is_excluded && fits_at(words, at, term)) {
        add(ranges, {words[at].begin, words[at + term.words.size() - 1].end});
      }
    }
  }
  return ranges;
}

std::vector<TextRange> find_beginnings(const std::vector<FoldedWord>& words,
                                       const SearchQuery& query) {
  std::vector<TextRange> ranges;
  for (const FoldedWord& word : words) {
    for (const SearchQuery::Term& term : query.terms()) {
      if (!term.is_excluded && word.text.starts_with(term.words.front())) {
        add(ranges, {word.begin, word.end});
      }
    }
  }
  return ranges;
}

std::vector<TextRange> find_in(const std::vector<FoldedWord>& words, const SearchQuery& query) {
  std::vector<TextRange> ranges = find_exact(words, query);
  return ranges.empty() ? find_beginnings(words, query) : ranges;
}

/// The first match of the stretch of `size` bytes that holds the most.
std::size_t best_match(const std::vector<TextRange>& matches, std::size_t size) {
  std::size_t best = 0;
  std::size_t best_count = 0;
  std::size_t last = 0;
  for (std::size_t first = 0; first < matches.size(); ++first) {
    last = std::max(last, first);
    while (last < matches.size() && matches[last].end - matches[first].begin <= size) ++last;
    if (last - first > best_count) {
      best = first;
      best_count = last - first;
    }
  }
  return best;
}

/// The bytes of the snippet: whole words around `from`, a third of the room before it.
TextRange stretch(std::string_view text, const std::vector<FoldedWord>& words, std::size_t from,
                  std::size_t size) {
  if (text.size() <= size) return {0, text.size()};
  const std::size_t wanted_begin = from < size / 3 ? 0 : from - size / 3;
  const auto first = std::ranges::lower_bound(words, wanted_begin, {}, &FoldedWord::begin);
  const std::size_t begin =
      wanted_begin == 0 || first == words.end() ? 0 : std::min(first->begin, from);
  if (text.size() - begin <= size) return {begin, text.size()};
  std::size_t end = begin;
  for (auto word = std::ranges::lower_bound(words, begin, {}, &FoldedWord::begin);
       word != words.end() && word->end - begin <= size; ++word) {
    end = word->end;
  }
  if (end > begin) return {begin, end};
  // One word longer than the room, or signs only: cut between code points.
  return {begin, begin + cut_size(text.substr(begin), size)};
}

}  // namespace

std::vector<TextRange> find_matches(std::string_view text, const SearchQuery& query) {
  return find_in(folded_words(text), query);
}

Snippet make_snippet(std::string_view text, const SearchQuery& query, std::size_t size) {
  const std::vector<FoldedWord> words = folded_words(text);
  const std::vector<TextRange> matches = find_in(words, query);
  const std::size_t from = matches.empty() ? 0 : matches[best_match(matches, size)].begin;
  const TextRange range = stretch(text, words, from, size);
  Snippet snippet{.text = std::string(text.substr(range.begin, range.end - range.begin)),
                  .matches = {},
                  .is_cut_before = range.begin > 0,
                  .is_cut_after = range.end < text.size()};
  for (const TextRange& match : matches) {
    if (match.begin >= range.begin && match.end <= range.end) {
      snippet.matches.push_back({match.begin - range.begin, match.end - range.begin});
    }
  }
  return snippet;
}

}  // namespace katip::store
