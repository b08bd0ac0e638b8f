#pragma once

#include <cstddef>
#include <vector>

#include "engine/lexicon/lexicon.h"

namespace katip::engine {

/// One way in which a window may go on.
struct Hypothesis {
  std::vector<int> tokens;  ///< Sampled so far, timestamps included; the end of text is not kept.
  std::vector<float> log_probabilities;  ///< Of those tokens, by the model alone.
  float log_probability_sum = 0.0f;      ///< Of the tokens and, once finished, of the end of text.
  float score = 0.0f;  ///< What beams are ranked by: the sum with the lexicon's bonus.
  std::vector<std::byte*>
      past;  ///< Places of the prompt's and the sampled tokens in the token cache.
  Lexicon::State lexicon;

  /// The sum per token, the end of text counted, as the reference averages it.
  [[nodiscard]] float average_log_probability() const {
    return log_probability_sum / static_cast<float>(tokens.size() + 1);
  }
};

}  // namespace katip::engine
