// Tested by lexicon_test.cc, and with a real model by tests/integration/lexicon_test.cc.
#include "engine/lexicon/lexicon.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "engine/lexicon/spellings.h"

namespace katip::engine {
namespace {

constexpr std::size_t kCandidatesMax = 64;  // what is less likely than these was not heard

TokenTrie make_trie(std::span<const LexiconTerm> terms, const Tokenizer& tokenizer,
                    const LexiconStrength& strength) {
  std::vector<TokenSequence> sequences;
  for (const LexiconTerm& term : terms) {
    if (!(term.weight > 0.0f)) continue;
    add_spellings(term, tokenizer, sequences);
  }
  const int token_count = std::max(0, tokenizer.special().end_of_text);
  return {std::move(sequences),
          static_cast<std::size_t>(token_count),
          {.first = strength.first,
           .next = strength.next,
           .whole = strength.whole,
           .most = strength.most,
           .crowd = strength.crowd}};
}

}  // namespace

Lexicon::Lexicon(std::span<const LexiconTerm> terms, const Tokenizer& tokenizer,
                 const LexiconStrength& strength)
    : traits_(tokenizer), trie_(make_trie(terms, tokenizer, strength)), reach_(strength.reach) {}

bool Lexicon::may_follow(const State& state, int token) const {
  return traits_.has_space(token) || state.may_begin_;
}

float Lexicon::bonus(const State& state, TokenLogit candidate, TokenLogit best) const {
  if (!(candidate.logit >= best.logit - reach_)) return 0.0f;  // NaN: no bonus
  if (traits_.is_special(candidate.token) || traits_.is_special(best.token)) return 0.0f;
  float bonus = 0.0f;
  for (std::uint32_t i = 0; i < state.match_count_; ++i) {
    const TokenTrie::Node node = state.matches_[i];
    const TokenTrie::Node child = trie_.child(node, candidate.token);
    if (child != TokenTrie::kNone) {
      bonus = std::max(bonus, trie_.worth(child) - trie_.earned(node));
    }
  }
  // Both must begin a word: " Ter" does not cut short what " Quil" began.
  if (may_follow(state, candidate.token) && may_follow(state, best.token)) {
    const TokenTrie::Node child = trie_.child(TokenTrie::kRoot, candidate.token);
    if (child != TokenTrie::kNone) bonus = std::max(bonus, trie_.worth(child));
  }
  return bonus;
}

void Lexicon::bias(const State& state, std::span<float> logits) const {
  std::array<TokenLogit, kCandidatesMax> best;
  const std::size_t count = logit_kernel().top(logits, best);
  for (std::size_t i = 0; i < count; ++i) {
    logits[static_cast<std::size_t>(best[i].token)] += bonus(state, best[i], best[0]);
  }
}

Lexicon::State Lexicon::advance(const State& state, int token, float bonus) const {
  State next;
  next.may_begin_ = traits_.ends_word(token);
  if (!(bonus > 0.0f)) return next;
  float newly_earned = 0.0f;
  const auto add = [&](TokenTrie::Node from) {
    const TokenTrie::Node child = trie_.child(from, token);
    if (child == TokenTrie::kNone) return;
    newly_earned = std::max(newly_earned, trie_.earned(child) - trie_.earned(from));
    if (trie_.has_children(child) && next.match_count_ < State::kMatchesMax) {
      next.matches_[next.match_count_++] = child;
    }
  };
  for (std::uint32_t i = 0; i < state.match_count_; ++i) add(state.matches_[i]);
  if (may_follow(state, token)) add(TokenTrie::kRoot);
  next.unearned_ = std::max(0.0f, bonus - newly_earned);
  return next;
}

}  // namespace katip::engine
