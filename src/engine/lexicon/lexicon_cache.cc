#include "engine/lexicon/lexicon_cache.h"

#include <algorithm>
#include <utility>

/// The terms themselves are compared: a sum of them might be equal by chance.
///
/// Tested by lexicon_cache_test.cc.
namespace katip::engine {
namespace {

bool is_same(const LexiconTerm& a, const LexiconTerm& b) {
  return a.term == b.term && a.weight == b.weight && a.alternatives == b.alternatives;
}

}  // namespace

std::shared_ptr<const Lexicon> LexiconCache::get(const std::vector<LexiconTerm>& terms,
                                                 const Tokenizer& tokenizer) {
  if (terms.size() < kTermCountMin) return std::make_shared<const Lexicon>(terms, tokenizer);
  const auto known =
      entries_.with_lock([&](std::deque<Entry>& entries) -> std::shared_ptr<const Lexicon> {
        const auto found = std::ranges::find_if(entries, [&](const Entry& entry) {
          return std::ranges::equal(entry.terms, terms, is_same);
        });
        if (found == entries.end()) return nullptr;
        std::rotate(entries.begin(), found, found + 1);
        return entries.front().lexicon;
      });
  if (known) return known;
  // Without the lock: others have lexicons of their own.
  auto made = std::make_shared<const Lexicon>(terms, tokenizer);
  entries_.with_lock([&](std::deque<Entry>& entries) {
    entries.push_front({.terms = terms, .lexicon = made});
    if (entries.size() > kCountMax) entries.pop_back();
  });
  return made;
}

}  // namespace katip::engine
