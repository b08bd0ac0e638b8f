#pragma once

#include "engine/decode/row_scorer.h"

namespace katip::engine {

/// Keeps the `width` most probable hypotheses; with width 1 it is greedy. Stops when width *
/// patience have ended.
class BeamSearch : public Search {
 public:
  explicit BeamSearch(const SearchOptions& options) : options_(options), scorer_(options_) {}

  void begin(std::span<float> logits, std::span<std::byte* const> past) override;
  void advance(std::span<float> logits) override;
  [[nodiscard]] std::span<Hypothesis> live() override { return live_; }
  [[nodiscard]] bool is_done() const override { return done_; }
  void stop() override { done_ = true; }
  Hypothesis take_best() override;

 private:
  struct Candidate {
    std::size_t parent = 0;
    int token = 0;
    float log_probability = 0.0f;
    float bonus = 0.0f;
    float score = 0.0f;  ///< Of the whole hypothesis with this token.
  };

  void propose(std::size_t parent, std::span<float> logits,
               std::vector<Candidate>& candidates) const;
  void choose(std::vector<Candidate>& candidates);
  void finish(const Candidate& candidate);
  [[nodiscard]] float rank(const Hypothesis& hypothesis) const;

  SearchOptions options_;
  RowScorer scorer_;
  std::vector<Hypothesis> live_;
  std::vector<Hypothesis> finished_;
  bool done_ = false;
};

}  // namespace katip::engine
