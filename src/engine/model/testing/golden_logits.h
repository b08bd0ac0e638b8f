#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/testing/random_model.h"

namespace katip::engine::test_model {

/// What tests/golden/logits/reference.py computed in float32 with a random model. An engine in
/// float32 is right when it differs by less than 1e-3 everywhere.
///
///   const auto golden = read_golden_logits("turbo").value();
///   write_huggingface(folder, golden.model, ElementType::kFloat32);
///   ... run the engine on golden.mel and golden.tokens ...
struct GoldenLogits {
  RandomModel model;
  std::vector<float> mel;   ///< [mel_count, 3000], row-major.
  std::vector<int> tokens;  ///< The decoder's input, from position 0.

  /// Of the encoder's output: `states[i][j]` is position state_positions[i], column
  /// j * state_stride.
  std::vector<int> state_positions;
  int state_stride = 1;
  std::vector<std::vector<float>> states;

  /// `logits[i][j]` is for the token after tokens[i], column j * logit_stride.
  int logit_stride = 1;
  std::vector<std::vector<float>> logits;
  /// Over whole rows, so that no column goes unseen.
  std::vector<int> best;
  std::vector<float> best_logit;
  std::vector<float> logit_mean;
  std::vector<float> logit_deviation;
};

/// The cases: "multilingual", "english", "large_v3", "turbo", "distil".
inline constexpr const char* kGoldenLogits[] = {"multilingual", "english", "large_v3", "turbo",
                                                "distil"};

/// Implemented in golden_logits_test.cc, which every test of the engine is linked with.
Result<GoldenLogits> read_golden_logits(const std::string& name);

}  // namespace katip::engine::test_model
