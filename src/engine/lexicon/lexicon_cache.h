#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "engine/lexicon/lexicon.h"

namespace katip::engine {

/// The lexicons used last. To find the tokens of twenty thousand terms takes half a second, and the
/// terms of an installation are the same for one recording after the other.
///
/// Threads: thread-safe.
class LexiconCache {
 public:
  /// Made when the same terms in the same order were not asked for lately.
  ///
  /// Lifetime: the tokenizer is always the same one.
  std::shared_ptr<const Lexicon> get(const std::vector<LexiconTerm>& terms,
                                     const Tokenizer& tokenizer);

 private:
  struct Entry {
    std::vector<LexiconTerm> terms;
    std::shared_ptr<const Lexicon> lexicon;
  };
  /// One for each of some languages, and one of before for recordings that are under way.
  static constexpr std::size_t kCountMax = 4;
  /// A few are found as fast as they are compared, and would push the others out.
  static constexpr std::size_t kTermCountMin = 100;

  Guarded<std::deque<Entry>> entries_;  // The one used last first.
};

}  // namespace katip::engine
