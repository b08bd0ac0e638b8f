#pragma once

#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/decode/window_decoder.h"
#include "engine/features/mel.h"
#include "engine/graph/decoder.h"
#include "engine/graph/encoder.h"
#include "engine/kernels/cross_attention.h"
#include "engine/model/testing/tokenizer.h"

/// For tests of the batch and of what stands on it: a model that says what a script says, so that
/// no OpenVINO is needed.
namespace katip::engine::scripted {

// An English-only vocabulary: text, tokens with a meaning, timestamps of 30 s.
inline constexpr int kEndOfText = 40;
inline constexpr int kStartOfTranscript = 41;
inline constexpr int kStartOfPrevious = 45;
inline constexpr int kTimestampBegin = 48;
inline constexpr int kVocabularySize = kTimestampBegin + 1501;

inline SpecialTokens special_tokens() {
  return {.end_of_text = kEndOfText,
          .start_of_transcript = kStartOfTranscript,
          .translate = 42,
          .transcribe = 43,
          .start_of_lm = 44,
          .start_of_previous = kStartOfPrevious,
          .no_speech = 46,
          .no_timestamps = 47,
          .timestamp_begin = kTimestampBegin};
}

inline ModelConfig config() {
  ModelConfig config;
  config.text_layer_count = 1;
  config.text_head_count = 1;
  config.state_size = 64;
  config.vocabulary_size = kVocabularySize;
  config.multilingual = false;
  config.alignment_heads = {{0, 0}};
  return config;
}

/// What is said in a window: tokens, timestamps included, without the end of text.
using Script = std::vector<int>;

/// What a test wants to know and decide while the batch runs. All of it happens on its thread.
struct Watch {
  /// The text of the window that is being encoded.
  std::function<Script(const Mel&)> hear;
  /// Before a step: the windows that take part, by their number in the order of encoding.
  std::function<void(const std::vector<std::size_t>& windows)> on_step = {};
  std::function<Status()> step_status = {};
  std::function<Status()> encode_status = {};
  std::vector<Script> heard = {};                     ///< In the order of encoding.
  std::vector<std::vector<int>> previous_texts = {};  ///< Of each prompt, in the order of coming.
};

class ScriptedEncoder : public Encoder {
 public:
  ScriptedEncoder(const ModelConfig& config, std::shared_ptr<Watch> watch)
      : config_(config),
        watch_(std::move(watch)),
        pool_(CrossCache::block_size(config, cross_attention_float32())) {}

  Result<std::unique_ptr<CrossCache>> encode(const Mel& mel) override {
    if (watch_->encode_status) KATIP_TRY(watch_->encode_status());
    const std::size_t number = watch_->heard.size();
    watch_->heard.push_back(watch_->hear(mel));
    auto window = std::make_unique<CrossCache>(
        config_, cross_attention_float32(), static_cast<std::size_t>(mel.frame_count) / 2, pool_);
    std::memcpy(window->head(0, 0), &number, sizeof(number));
    return window;
  }

 private:
  const ModelConfig& config_;
  std::shared_ptr<Watch> watch_;
  BlockPool pool_;
};

class ScriptedDecoder : public Decoder {
 public:
  explicit ScriptedDecoder(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {}

  Result<std::span<float>> step(std::span<const DecoderRow> rows,
                                std::span<const int> logit_rows) override {
    std::vector<std::size_t> windows;
    for (const DecoderRow& row : rows) {
      const std::size_t number = number_of(row);
      if (windows.empty() || windows.back() != number) windows.push_back(number);
      note_prompt(number, row);
    }
    if (watch_->on_step) watch_->on_step(windows);
    if (watch_->step_status) KATIP_TRY(watch_->step_status());
    logits_.assign(logit_rows.size() * kVocabularySize, -30.0f);
    for (std::size_t i = 0; i < logit_rows.size(); ++i) {
      const DecoderRow& row = rows[static_cast<std::size_t>(logit_rows[i])];
      logits_[i * kVocabularySize + static_cast<std::size_t>(next_token(row))] = 0.0f;
    }
    return logits_;
  }

  [[nodiscard]] std::size_t element_size() const override { return sizeof(float); }

 private:
  static std::size_t number_of(const DecoderRow& row) {
    std::size_t number = 0;
    std::memcpy(&number, row.window->head(0, 0), sizeof(number));
    return number;
  }

  // A prompt comes in one step: the text before, if there is one, then the start of transcript.
  void note_prompt(std::size_t number, const DecoderRow& row) {
    if (row.position == 0) {
      watch_->previous_texts.emplace_back();
      starts_.erase(number);
    }
    if (row.token == kStartOfTranscript) starts_[number] = row.position;
    const bool is_before_start = !starts_.contains(number) && row.token != kStartOfPrevious;
    if (is_before_start) watch_->previous_texts.back().push_back(row.token);
  }

  [[nodiscard]] int next_token(const DecoderRow& row) const {
    const std::size_t number = number_of(row);
    const Script& script = watch_->heard[number];
    const auto said = static_cast<std::size_t>(row.position - starts_.at(number));
    return said < script.size() ? script[said] : kEndOfText;
  }

  std::shared_ptr<Watch> watch_;
  std::map<std::size_t, int> starts_;  ///< Where the start of transcript stands in each window.
  std::vector<float> logits_;
};

/// What WindowDecoder needs besides, in one place.
struct Tools {
  explicit Tools(std::map<int, std::string> texts)
      : model_config(config()),
        tokenizer(std::move(texts)),
        rules(model_config, special_tokens()),
        decode{model_config, tokenizer, rules, sizeof(float)} {}

  ModelConfig model_config;
  TestingTokenizer tokenizer;
  TokenRules rules;
  DecodeTools decode;
};

}  // namespace katip::engine::scripted
