// Tested by token_rules_test.cc.
#include "engine/decode/token_rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/kernels/logits.h"

namespace katip::engine {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();
constexpr int kFirstTimestampMax = 50;  // 1 s

void forbid(std::span<float> logits, int begin, int end) {
  const int size = static_cast<int>(logits.size());
  for (int token = std::clamp(begin, 0, size); token < std::min(end, size); ++token) {
    logits[static_cast<std::size_t>(token)] = kForbidden;
  }
}

void forbid(std::span<float> logits, std::span<const int> tokens) {
  for (const int token : tokens) forbid(logits, token, token + 1);
}

}  // namespace

TokenRules::TokenRules(const ModelConfig& config, const SpecialTokens& special)
    : special_(special), never_(config.suppress_tokens), not_first_(config.suppress_tokens_begin) {
  for (const int token :
       {special.start_of_transcript, special.translate, special.transcribe, special.start_of_lm,
        special.start_of_previous, special.no_speech, special.no_timestamps}) {
    never_.push_back(token);
  }
  for (int language = 0; language < special.language_count; ++language) {
    never_.push_back(special.language_begin + language);
  }
}

void TokenRules::apply(std::span<float> logits, std::span<const int> sampled,
                       int timestamp_max) const {
  forbid(logits, never_);
  if (sampled.empty()) forbid(logits, not_first_);
  forbid(logits, timestamp_max + 1, static_cast<int>(logits.size()));
  apply_pairing(logits, sampled);
  prefer_timestamps(logits);
}

void TokenRules::apply_pairing(std::span<float> logits, std::span<const int> sampled) const {
  const int begin = special_.timestamp_begin;
  const int vocabulary_end = static_cast<int>(logits.size());
  if (sampled.empty()) {
    forbid(logits, 0, begin);
    forbid(logits, begin + kFirstTimestampMax + 1, vocabulary_end);
    return;
  }
  const bool last_is_timestamp = is_timestamp(sampled.back());
  const bool pair_is_closed = sampled.size() < 2 || is_timestamp(sampled[sampled.size() - 2]);
  if (last_is_timestamp && pair_is_closed) forbid(logits, begin, vocabulary_end);
  if (last_is_timestamp && !pair_is_closed) forbid(logits, 0, special_.end_of_text);
  const auto last = std::find_if(sampled.rbegin(), sampled.rend(),
                                 [this](int token) { return is_timestamp(token); });
  if (last == sampled.rend()) return;
  // The end of a segment may be the start of the next; otherwise time must have gone on.
  const int smallest = last_is_timestamp && !pair_is_closed ? *last : *last + 1;
  forbid(logits, begin, smallest);
}

void TokenRules::prefer_timestamps(std::span<float> logits) const {
  const auto begin = static_cast<std::size_t>(special_.timestamp_begin);
  const std::span<const float> text = logits.first(begin);
  const std::span<const float> timestamps = logits.subspan(begin);
  const LogitKernel& kernel = logit_kernel();
  std::array<TokenLogit, 1> best_timestamp;
  std::array<TokenLogit, 1> best_text;
  if (kernel.top(timestamps, best_timestamp) == 0 || kernel.top(text, best_text) == 0) return;
  const float peak = best_timestamp[0].logit;
  if (peak + std::log(kernel.sum_exp(timestamps, peak)) > best_text[0].logit) {
    forbid(logits, 0, static_cast<int>(begin));
  }
}

}  // namespace katip::engine
