// Tested by search_test.cc.
#include "engine/decode/sampling.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/assert.h"
#include "engine/kernels/logits.h"

namespace katip::engine {

void Sampling::begin(std::span<float> logits, std::span<std::byte* const> past) {
  Hypothesis first;
  first.past.assign(past.begin(), past.end());
  if (options_.lexicon != nullptr) first.lexicon = options_.lexicon->initial();
  for (int sample = 0; sample < options_.width; ++sample) {
    std::vector<float> row(logits.begin(), logits.end());
    Hypothesis hypothesis = first;
    if (draw(hypothesis, row)) live_.push_back(std::move(hypothesis));
  }
}

void Sampling::advance(std::span<float> logits) {
  KATIP_ASSERT(!live_.empty() && logits.size() % live_.size() == 0);
  const std::size_t vocabulary_size = logits.size() / live_.size();
  std::vector<Hypothesis> next;
  for (std::size_t row = 0; row < live_.size(); ++row) {
    if (draw(live_[row], logits.subspan(row * vocabulary_size, vocabulary_size)))
      next.push_back(std::move(live_[row]));
  }
  live_ = std::move(next);
}

bool Sampling::draw(Hypothesis& hypothesis, std::span<float> logits) {
  const float log_sum = scorer_.apply_rules(logits, hypothesis);
  const std::vector<float> plain(logits.begin(), logits.end());
  scorer_.apply_lexicon(logits, hypothesis);
  const int token = draw_token(logits);
  const auto index = static_cast<std::size_t>(token);
  const float log_probability = plain[index] - log_sum;
  if (token == scorer_.end_of_text()) {
    hypothesis.log_probability_sum += log_probability;
    finished_.push_back(std::move(hypothesis));
    return false;
  }
  scorer_.extend(hypothesis, token, log_probability, logits[index] - plain[index]);
  if (hypothesis.tokens.size() < options_.token_count_max) return true;
  finished_.push_back(std::move(hypothesis));
  return false;
}

// A random place in the sum of all exp(logit / T), found block by block.
int Sampling::draw_token(std::span<float> logits) {
  constexpr std::size_t kBlock = 1024;
  const LogitKernel& kernel = logit_kernel();
  std::array<TokenLogit, 1> best;
  kernel.top(logits, best);
  const float peak = best[0].logit / options_.temperature;
  std::vector<float> scaled(logits.size());
  std::ranges::transform(logits, scaled.begin(),
                         [this](float x) { return x / options_.temperature; });
  const std::span<const float> all = scaled;
  std::vector<float> block_sums;
  float total = 0.0f;
  for (std::size_t begin = 0; begin < all.size(); begin += kBlock) {
    block_sums.push_back(
        kernel.sum_exp(all.subspan(begin, std::min(kBlock, all.size() - begin)), peak));
    total += block_sums.back();
  }
  float place = std::uniform_real_distribution<float>(0.0f, total)(random_);
  std::size_t block = 0;
  while (block + 1 < block_sums.size() && place > block_sums[block]) place -= block_sums[block++];
  int token = best[0].token;  // rounding may leave a crumb behind the last token
  const std::size_t end = std::min((block + 1) * kBlock, all.size());
  for (std::size_t at = block * kBlock; at < end; ++at) {
    const float weight = std::exp(all[at] - peak);
    if (weight <= 0.0f) continue;
    token = static_cast<int>(at);
    if (place <= weight) break;
    place -= weight;
  }
  return token;
}

void Sampling::stop() {
  std::ranges::move(live_, std::back_inserter(finished_));
  live_.clear();
}

Hypothesis Sampling::take_best() {
  KATIP_ASSERT(live_.empty() && !finished_.empty());
  return *std::ranges::max_element(finished_, [](const Hypothesis& a, const Hypothesis& b) {
    return a.average_log_probability() < b.average_log_probability();
  });
}

}  // namespace katip::engine
