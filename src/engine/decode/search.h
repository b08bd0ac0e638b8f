#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/decode/hypothesis.h"
#include "engine/decode/token_rules.h"

namespace katip::engine {

/// What a search needs to know of its window.
///
/// Lifetime: rules and lexicon outlive the search.
struct SearchOptions {
  const TokenRules* rules = nullptr;
  const Lexicon* lexicon = nullptr;   ///< Null: none.
  int timestamp_max = 0;              ///< The last timestamp token inside the window.
  std::size_t token_count_max = 224;  ///< Longest text of a window.
  int width = 1;                      ///< Beams, or samples.
  float patience = 1.0f;
  float length_penalty = 1.0f;
  float temperature = 0.0f;
  std::uint64_t seed = 0;  ///< Of the samples.
};

/// Finds the text of one window, token by token.
///
///   auto search = make_search(options);
///   search->begin(logits of the last prompt token, places of the prompt);
///   while (!search->is_done()) {
///     ... compute a row for the last token of each search->live() ...
///     search->advance(their logits);
///   }
///
/// Threads: one thread; different searches are independent.
class Search {
 public:
  virtual ~Search() = default;

  /// Takes the first tokens from the logits after the prompt; `past` holds the prompt's places.
  /// Changes the logits.
  virtual void begin(std::span<float> logits, std::span<std::byte* const> past) = 0;
  /// Takes one more token for each live hypothesis. Shapes: logits [live, vocabulary_size];
  /// changed.
  virtual void advance(std::span<float> logits) = 0;

  /// Those that need another row: the last token of each was not computed yet.
  [[nodiscard]] virtual std::span<Hypothesis> live() = 0;
  [[nodiscard]] virtual bool is_done() const = 0;
  /// Ends it before its time: the text goes round in circles.
  virtual void stop() = 0;
  /// Of a search that is done: the best finished hypothesis (one of the longest text allowed is
  /// finished too), else the best of those it had when it was stopped.
  virtual Hypothesis take_best() = 0;
};

/// Greedy and beam search at temperature 0 (width beams), sampling above (width samples).
///
/// Source: whisper/decoding.py `GreedyDecoder`, `BeamSearchDecoder`, `MaximumLikelihoodRanker`.
std::unique_ptr<Search> make_search(const SearchOptions& options);

}  // namespace katip::engine
