#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "engine/kernels/logits.h"
#include "engine/lexicon/token_traits.h"
#include "engine/lexicon/token_trie.h"
#include "engine/model/tokenizer.h"

namespace katip::engine {

/// How hard a lexicon pulls, in nats (differences of log probabilities), for terms of weight 1.
struct LexiconStrength {
  float first = 2.0f;  ///< For the first token of a term.
  float next = 1.5f;   ///< For each further token.
  float whole = 1.0f;  ///< More for the token that completes a term.
  float most = 8.0f;   ///< No term gets more than this.
  float crowd = 0.7f;  ///< Less, times the natural logarithm of how many terms begin alike.
  float reach = 6.0f;  ///< A token this far below the best one was not heard: it gets nothing.
};

/// Terms that the decoder leans towards.
///
/// A term is worth a bonus. While its tokens come, its worth so far is lent to the hypothesis, so
/// that beams keep it; a hypothesis that leaves the term loses the loan, one that completes it
/// keeps the bonus. Three rules keep a lexicon from putting words into people's mouths:
///   - a token gets a bonus only where the model itself finds it plausible
///   (LexiconStrength::reach);
///   - a term begins only where the best token also begins a word, so a lexicon decides which
///     word is written and never whether one is: silence stays silent;
///   - beginnings that many terms share get little, so long lists do not add up.
///
///   float score = 0;                                     // of a hypothesis, nothing lent in it
///   Lexicon::State state = lexicon.initial();
///   ...
///   float bonus = lexicon.bonus(state, candidate, best);  // rank by score + log p + bonus
///   state = lexicon.advance(state, candidate.token, bonus);
///   score += log p + bonus - lexicon.unearned(state);
///
/// Threads: immutable; safe from any thread.
/// Source:  shallow fusion with a prefix tree as in Zhao et al., "Shallow-Fusion End-to-End
///          Contextual Biasing", Interspeech 2019; the rules above are our own.
class Lexicon {
 public:
  /// What one hypothesis has begun. Small; copied with it.
  class State {
   private:
    friend class Lexicon;
    static constexpr std::size_t kMatchesMax = 6;
    std::array<TokenTrie::Node, kMatchesMax> matches_{};  ///< Terms that its last tokens begin.
    std::uint32_t match_count_ = 0;
    bool may_begin_ = true;  ///< A term may begin here without a space.
    float unearned_ = 0.0f;
  };

  /// Terms that are empty, weigh nothing or have no tokens in this vocabulary are left out.
  Lexicon(std::span<const LexiconTerm> terms, const Tokenizer& tokenizer,
          const LexiconStrength& strength = {});

  [[nodiscard]] State initial() const { return {}; }

  /// What the candidate gains over other tokens; 0 for most. `best` is the row's best token, from
  /// the same logits: after the rules of decoding, before any bonus.
  [[nodiscard]] float bonus(const State& state, TokenLogit candidate, TokenLogit best) const;
  /// bonus() for every token of a row, added to its logit.
  void bias(const State& state, std::span<float> logits) const;

  /// The state after one more token, which was given `bonus`.
  [[nodiscard]] State advance(const State& state, int token, float bonus) const;
  /// Of the last bonus, what is only lent: the terms it was given for are not complete.
  [[nodiscard]] float unearned(const State& state) const { return state.unearned_; }

 private:
  [[nodiscard]] bool may_follow(const State& state, int token) const;

  TokenTraits traits_;
  TokenTrie trie_;
  float reach_;
};

}  // namespace katip::engine
