#include "engine/decode/row_scorer.h"

#include <array>
#include <cmath>

#include "engine/kernels/logits.h"

namespace katip::engine {

float RowScorer::apply_rules(std::span<float> logits, const Hypothesis& hypothesis) const {
  options_.rules->apply(logits, hypothesis.tokens, options_.timestamp_max);
  std::array<TokenLogit, 1> best;
  const LogitKernel& kernel = logit_kernel();
  if (kernel.top(logits, best) == 0) {  // nothing may follow: NaN weights could lead here
    logits[static_cast<std::size_t>(end_of_text())] = 0.0f;
    return 0.0f;
  }
  return best[0].logit + std::log(kernel.sum_exp(logits, best[0].logit));
}

void RowScorer::apply_lexicon(std::span<float> logits, const Hypothesis& hypothesis) const {
  if (options_.lexicon != nullptr) options_.lexicon->bias(hypothesis.lexicon, logits);
}

void RowScorer::extend(Hypothesis& hypothesis, int token, float log_probability,
                       float bonus) const {
  hypothesis.tokens.push_back(token);
  hypothesis.log_probabilities.push_back(log_probability);
  hypothesis.log_probability_sum += log_probability;
  hypothesis.score += log_probability + bonus;
  if (options_.lexicon == nullptr) return;
  hypothesis.lexicon = options_.lexicon->advance(hypothesis.lexicon, token, bonus);
  // What an unfinished term was lent counts when candidates are compared, and is not kept.
  hypothesis.score -= options_.lexicon->unearned(hypothesis.lexicon);
}

}  // namespace katip::engine
