#pragma once

#include <span>

#include "engine/decode/search.h"

namespace katip::engine {

/// Readies a row of logits for a choice. Threads: immutable.
class RowScorer {
 public:
  explicit RowScorer(const SearchOptions& options) : options_(options) {}

  /// Forbids what the rules forbid; returns the log of the sum of exp(logits) of what is left, by
  /// which a logit becomes a log probability.
  float apply_rules(std::span<float> logits, const Hypothesis& hypothesis) const;
  /// Adds the lexicon's bonus, where there is one.
  void apply_lexicon(std::span<float> logits, const Hypothesis& hypothesis) const;

  /// Appends a token that is not the end of text. `bonus`: what the lexicon added to its logit.
  void extend(Hypothesis& hypothesis, int token, float log_probability, float bonus) const;
  [[nodiscard]] int end_of_text() const { return options_.rules->special().end_of_text; }

 private:
  const SearchOptions& options_;
};

}  // namespace katip::engine
