#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/kernels/self_attention.h"

/// The loop that every self-attention kernel shares; `Element` knows how to load 64 numbers.
/// Private to kernels.
namespace katip::engine {

/// Element::load(const std::byte*, float out[64]) gives the stored numbers as floats.
template <typename Element>
void attend_self(const SelfRow& row) {
  float scores[kSelfTokensMax];
  float x[kHeadSize];
  const std::size_t count = row.tokens.size();
  float peak = -std::numeric_limits<float>::infinity();
  for (std::size_t t = 0; t < count; ++t) {
    Element::load(row.tokens[t] + row.head_offset, x);
    float score = 0.0f;
    for (std::size_t j = 0; j < kHeadSize; ++j) score += row.query[j] * x[j];
    scores[t] = score * 0.125f;
    peak = std::max(peak, scores[t]);
  }
  float sum = 0.0f;
  float total[kHeadSize] = {};
  for (std::size_t t = 0; t < count; ++t) {
    const float p = std::exp(scores[t] - peak);
    sum += p;
    Element::load(row.tokens[t] + row.head_offset + row.value_offset, x);
    for (std::size_t j = 0; j < kHeadSize; ++j) total[j] += p * x[j];
  }
  for (std::size_t j = 0; j < kHeadSize; ++j) row.output[j] = total[j] / sum;
}

}  // namespace katip::engine
