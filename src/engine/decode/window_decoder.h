#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/decode/search.h"
#include "engine/engine.h"
#include "engine/graph/decoder.h"

namespace katip::engine {

/// What is to be decoded, and how.
///
/// Lifetime: options, lexicon and the encoded window outlive the decoder that works on them.
struct WindowTask {
  const TranscribeOptions* options = nullptr;
  const Lexicon* lexicon = nullptr;  ///< Null: none.
  /// Text before this one, oldest first; the newest half context of it is the prompt. May be empty.
  std::vector<int> previous;
  std::optional<int>
      language;  ///< Language token; nothing: detect it, or the model knows one only.
  std::vector<int> allowed_languages;  ///< Tokens that detection may choose; empty: all.
  int audio_frame_count = 0;           ///< Of the window, without its padding; 20 ms each.
  std::uint64_t seed = 0;
};

/// What was said in one window. A text that went round in circles to the end has one round of it;
/// one that was as long as a text may be ends with its last finished segment.
struct DecodedWindow {
  std::vector<int> tokens;  ///< Timestamps included. Empty when nobody spoke.
  std::vector<float> log_probabilities;
  float average_log_probability = 0.0f;
  float no_speech_probability = 0.0f;
  float compression_ratio = 0.0f;
  float temperature = 0.0f;
  bool has_failed = false;  ///< At every temperature: the text is the best of them, and doubtful.
  std::optional<int> language;
  float language_probability = 1.0f;
  /// With word times: softmax of each alignment head, [heads, text tokens + 1, frame_count]; row i
  /// belongs to the position that predicts text token i, the last to the end of text.
  std::vector<float> alignment;
};

/// The models' halves that every window shares, by reference.
struct DecodeTools {
  const ModelConfig& config;
  const Tokenizer& tokenizer;
  const TokenRules& rules;
  std::size_t element_size;
};

/// Takes one window from its encoded form to text, one row (or a few) a step, so that many windows
/// share each step: language if it is unknown, prompt, search, the fallback to higher temperatures
/// if the text looks wrong, and the pass over the finished text that word times need.
///
///   WindowDecoder decoder(tools, window, task);
///   while (!decoder.is_done()) {
///     decoder.add_rows(rows, logit_rows);
///     ... one step of the model for the rows of all windows ...
///     decoder.advance(logits of its own logit_rows);
///   }
///
/// Threads: one thread at a time; different decoders are independent.
/// Source: whisper/transcribe.py `decode_with_fallback`, whisper/decoding.py, whisper/timing.py
/// `find_alignment`.
class WindowDecoder {
 public:
  WindowDecoder(const DecodeTools& tools, const CrossCache& window, WindowTask task);

  /// Appends the rows of the next step, and the indices among `rows` of those whose logits it
  /// needs.
  void add_rows(std::vector<DecoderRow>& rows, std::vector<int>& logit_rows);
  /// Shapes: logits [own logit_rows of the last add_rows, vocabulary_size]; changed.
  void advance(std::span<float> logits);

  [[nodiscard]] bool is_done() const { return phase_ == Phase::kDone; }
  DecodedWindow take() { return std::move(result_); }

 private:
  enum class Phase { kDetectLanguage, kPrompt, kSearch, kAlign, kDone };

  void start_prompt();
  void start_search(std::span<float> logits);
  void take_language(std::span<const float> logits);
  void finish_attempt();
  void drop_unfinished(DecodedWindow& attempt) const;
  void cut_loop(DecodedWindow& attempt) const;
  void finish_window();
  void start_alignment();
  /// Gives back the places of beams that were given up.
  void drop_unused_places();
  void add_fixed_rows(const std::vector<int>& tokens, std::size_t begin,
                      std::vector<DecoderRow>& rows);
  [[nodiscard]] std::vector<int> start_sequence() const;
  [[nodiscard]] bool repeats_prompt(const DecodedWindow& attempt) const;
  [[nodiscard]] bool loops(const DecodedWindow& attempt) const;
  [[nodiscard]] bool needs_fallback(const DecodedWindow& attempt) const;
  [[nodiscard]] bool is_silence(const DecodedWindow& attempt) const;
  [[nodiscard]] SearchOptions search_options() const;

  const DecodeTools& tools_;
  const CrossCache& window_;
  WindowTask task_;
  TokenCache cache_;
  Phase phase_;
  std::vector<int> prompt_;
  std::size_t start_of_transcript_at_ = 0;
  std::vector<std::byte*> prompt_past_;
  std::size_t attempt_ = 0;
  std::vector<DecodedWindow> failed_;
  std::unique_ptr<Search> search_;
  DecodedWindow result_;
};

}  // namespace katip::engine
