#pragma once

#include <random>

#include "engine/decode/row_scorer.h"

namespace katip::engine {

/// Draws `width` texts at a temperature above 0; the one with the best average log probability
/// wins.
class Sampling : public Search {
 public:
  explicit Sampling(const SearchOptions& options)
      : options_(options), scorer_(options_), random_(options.seed) {}

  void begin(std::span<float> logits, std::span<std::byte* const> past) override;
  void advance(std::span<float> logits) override;
  [[nodiscard]] std::span<Hypothesis> live() override { return live_; }
  [[nodiscard]] bool is_done() const override { return live_.empty(); }
  void stop() override;
  Hypothesis take_best() override;

 private:
  /// Extends the hypothesis, or finishes it: then false.
  bool draw(Hypothesis& hypothesis, std::span<float> logits);
  int draw_token(std::span<float> logits);

  SearchOptions options_;
  RowScorer scorer_;
  std::mt19937_64 random_;
  std::vector<Hypothesis> live_;
  std::vector<Hypothesis> finished_;
};

}  // namespace katip::engine
