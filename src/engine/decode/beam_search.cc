// Every live hypothesis proposes its best width + 1 tokens; the best of all proposals live on, and
// those that propose the end of text before `width` others were found are finished. Tested by
// search_test.cc.
#include "engine/decode/beam_search.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/assert.h"
#include "engine/kernels/logits.h"

namespace katip::engine {

void BeamSearch::begin(std::span<float> logits, std::span<std::byte* const> past) {
  Hypothesis first;
  first.past.assign(past.begin(), past.end());
  if (options_.lexicon != nullptr) first.lexicon = options_.lexicon->initial();
  live_.assign(1, first);
  advance(logits);
}

void BeamSearch::advance(std::span<float> logits) {
  KATIP_ASSERT(!done_ && !live_.empty() && logits.size() % live_.size() == 0);
  const std::size_t vocabulary_size = logits.size() / live_.size();
  std::vector<Candidate> candidates;
  for (std::size_t parent = 0; parent < live_.size(); ++parent) {
    propose(parent, logits.subspan(parent * vocabulary_size, vocabulary_size), candidates);
  }
  choose(candidates);
}

void BeamSearch::propose(std::size_t parent, std::span<float> logits,
                         std::vector<Candidate>& candidates) const {
  const Hypothesis& hypothesis = live_[parent];
  const float log_sum = scorer_.apply_rules(logits, hypothesis);
  const auto count = static_cast<std::size_t>(options_.width) + 1;
  std::vector<TokenLogit> best(count);
  const auto add = [&](int token, float log_probability, float bonus) {
    candidates.push_back(
        {parent, token, log_probability, bonus, hypothesis.score + log_probability + bonus});
  };
  if (options_.lexicon == nullptr) {
    best.resize(logit_kernel().top(logits, best));
    for (const TokenLogit& choice : best) add(choice.token, choice.logit - log_sum, 0.0f);
    return;
  }
  const std::vector<float> plain(logits.begin(), logits.end());
  scorer_.apply_lexicon(logits, hypothesis);
  best.resize(logit_kernel().top(logits, best));
  for (const TokenLogit& choice : best) {
    const float logit = plain[static_cast<std::size_t>(choice.token)];
    add(choice.token, logit - log_sum, choice.logit - logit);
  }
}

void BeamSearch::choose(std::vector<Candidate>& candidates) {
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.parent != b.parent ? a.parent < b.parent : a.token < b.token;
  });
  const auto width = static_cast<std::size_t>(options_.width);
  const auto finished_max = std::max(
      std::size_t{1},
      static_cast<std::size_t>(std::lround(options_.patience * static_cast<float>(width))));
  std::vector<Hypothesis> next;
  for (const Candidate& candidate : candidates) {
    if (next.size() == width) break;
    if (candidate.token == scorer_.end_of_text()) {
      if (finished_.size() < finished_max) finish(candidate);
      continue;
    }
    next.push_back(live_[candidate.parent]);
    scorer_.extend(next.back(), candidate.token, candidate.log_probability, candidate.bonus);
  }
  live_ = std::move(next);
  const bool is_full = !live_.empty() && live_.front().tokens.size() >= options_.token_count_max;
  // The longest text was reached: those that are still going on count as they are, because one that
  // ended early need not be the better one.
  if (is_full) std::ranges::move(live_, std::back_inserter(finished_));
  done_ = finished_.size() >= finished_max || live_.empty() || is_full;
}

void BeamSearch::finish(const Candidate& candidate) {
  Hypothesis hypothesis = live_[candidate.parent];
  hypothesis.log_probability_sum += candidate.log_probability;
  hypothesis.score += candidate.log_probability + candidate.bonus;
  finished_.push_back(std::move(hypothesis));
}

float BeamSearch::rank(const Hypothesis& hypothesis) const {
  return hypothesis.score /
         std::pow(static_cast<float>(hypothesis.tokens.size() + 1), options_.length_penalty);
}

Hypothesis BeamSearch::take_best() {
  KATIP_ASSERT(done_);
  if (finished_.empty()) finished_ = std::move(live_);  // it was stopped
  KATIP_ASSERT(!finished_.empty());
  return *std::ranges::max_element(
      finished_, [this](const Hypothesis& a, const Hypothesis& b) { return rank(a) < rank(b); });
}

}  // namespace katip::engine
