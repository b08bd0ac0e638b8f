#pragma once

#include <algorithm>
#include <limits>

#include "engine/kernels/logits.h"

namespace katip::engine {

/// The best values so far, in falling order. Tokens come in rising order, so an equal value goes
/// behind.
class TopList {
 public:
  explicit TopList(std::span<TokenLogit> out) : out_(out) {}

  /// Only larger values can enter.
  [[nodiscard]] float threshold() const { return threshold_; }
  [[nodiscard]] std::size_t count() const { return count_; }

  void add(int token, float logit) {
    if (!(logit > threshold_)) return;
    if (count_ < out_.size()) ++count_;
    std::size_t at = count_ - 1;
    for (; at > 0 && out_[at - 1].logit < logit; --at) out_[at] = out_[at - 1];
    out_[at] = {token, logit};
    if (count_ == out_.size()) threshold_ = out_[count_ - 1].logit;
  }

 private:
  std::span<TokenLogit> out_;
  std::size_t count_ = 0;
  float threshold_ = -std::numeric_limits<float>::infinity();
};

}  // namespace katip::engine
