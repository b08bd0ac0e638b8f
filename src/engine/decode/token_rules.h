#pragma once

#include <span>
#include <vector>

#include "engine/model/config.h"
#include "engine/model/tokenizer.h"

namespace katip::engine {

/// Which tokens may come next. Forbidden ones get a logit of -infinity.
///
/// The rules of Whisper's decoding: some tokens never (non-speech symbols, control tokens); no
/// blank or end as the first token; timestamps in pairs, never falling, a segment never empty, the
/// first one within a second of the start; and a timestamp whenever all timestamps together are
/// more probable than the best text token.
///
/// Threads: immutable; safe from any thread.
/// Source:  whisper/decoding.py `SuppressBlank`, `SuppressTokens`, `ApplyTimestampRules`.
class TokenRules {
 public:
  TokenRules(const ModelConfig& config, const SpecialTokens& special);

  /// `sampled` is what the window has said so far (after the start sequence); `timestamp_max` is
  /// the last timestamp token that lies within the window. Shapes: logits [vocabulary_size].
  void apply(std::span<float> logits, std::span<const int> sampled, int timestamp_max) const;

  [[nodiscard]] bool is_timestamp(int token) const { return token >= special_.timestamp_begin; }
  [[nodiscard]] const SpecialTokens& special() const { return special_; }

 private:
  void apply_pairing(std::span<float> logits, std::span<const int> sampled) const;
  void prefer_timestamps(std::span<float> logits) const;

  SpecialTokens special_;
  std::vector<int> never_;
  std::vector<int> not_first_;
};

}  // namespace katip::engine
