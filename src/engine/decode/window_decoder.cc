// Tested by window_decoder_test.cc, and on real recordings by tests/integration/.
#include "engine/decode/window_decoder.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/assert.h"
#include "engine/decode/compression_ratio.h"
#include "engine/kernels/logits.h"

namespace katip::engine {
namespace {

constexpr float kNever = 0.0f;  // a probability

float probability_of(std::span<const float> logits, int token) {
  std::array<TokenLogit, 1> best;
  const LogitKernel& kernel = logit_kernel();
  if (kernel.top(logits, best) == 0) return kNever;
  return std::exp(logits[static_cast<std::size_t>(token)] - best[0].logit) /
         kernel.sum_exp(logits, best[0].logit);
}

std::vector<int> text_tokens(std::span<const int> tokens, int end_of_text) {
  std::vector<int> text;
  std::ranges::copy_if(tokens, std::back_inserter(text),
                       [=](int token) { return token < end_of_text; });
  return text;
}

}  // namespace

WindowDecoder::WindowDecoder(const DecodeTools& tools, const CrossCache& window, WindowTask task)
    : tools_(tools),
      window_(window),
      task_(std::move(task)),
      cache_(tools.config, tools.element_size) {
  // Half of the context belongs to the text, whatever the prompt's length.
  const std::size_t previous_max = static_cast<std::size_t>(tools_.config.text_context) / 2 - 1;
  std::vector<int>& previous = task_.previous;
  if (previous.size() > previous_max) {
    previous.erase(previous.begin(), previous.end() - static_cast<std::ptrdiff_t>(previous_max));
  }
  if (tools_.config.multilingual && !task_.language) {
    phase_ = Phase::kDetectLanguage;
    prompt_ = {tools_.rules.special().start_of_transcript};
  } else {
    result_.language = task_.language;
    start_prompt();
  }
}

std::vector<int> WindowDecoder::start_sequence() const {
  const SpecialTokens& special = tools_.rules.special();
  std::vector<int> tokens = {special.start_of_transcript};
  if (result_.language) {
    tokens.push_back(*result_.language);
    tokens.push_back(task_.options->task == Task::kTranslate ? special.translate
                                                             : special.transcribe);
  }
  return tokens;
}

void WindowDecoder::start_prompt() {
  phase_ = Phase::kPrompt;
  cache_.clear();
  prompt_past_.clear();
  prompt_.clear();
  if (!task_.previous.empty()) {
    prompt_.push_back(tools_.rules.special().start_of_previous);
    std::ranges::copy(task_.previous, std::back_inserter(prompt_));
  }
  start_of_transcript_at_ = prompt_.size();
  std::ranges::copy(start_sequence(), std::back_inserter(prompt_));
}

SearchOptions WindowDecoder::search_options() const {
  const TranscribeOptions& options = *task_.options;
  const float temperature = options.temperatures[attempt_];
  const std::size_t context = static_cast<std::size_t>(tools_.config.text_context);
  return {.rules = &tools_.rules,
          .lexicon = task_.lexicon,
          .timestamp_max = tools_.rules.special().timestamp_begin + task_.audio_frame_count,
          .token_count_max = std::min(context / 2, context - prompt_.size()),
          .width = temperature > 0.0f ? options.best_of : options.beam_size,
          .patience = options.patience,
          .length_penalty = options.length_penalty,
          .temperature = temperature,
          .seed = task_.seed + attempt_};
}

void WindowDecoder::add_fixed_rows(const std::vector<int>& tokens, std::size_t begin,
                                   std::vector<DecoderRow>& rows) {
  while (prompt_past_.size() < tokens.size()) prompt_past_.push_back(cache_.add());
  for (std::size_t at = begin; at < tokens.size(); ++at) {
    rows.push_back({.token = tokens[at],
                    .position = static_cast<int>(at),
                    .window = &window_,
                    .past = std::span(prompt_past_).first(at + 1)});
  }
}

void WindowDecoder::add_rows(std::vector<DecoderRow>& rows, std::vector<int>& logit_rows) {
  const std::size_t first = rows.size();
  const auto need_logits = [&](std::size_t row) {
    logit_rows.push_back(static_cast<int>(first + row));
  };
  switch (phase_) {
    case Phase::kDetectLanguage:
      add_fixed_rows(prompt_, 0, rows);
      need_logits(0);
      break;
    case Phase::kPrompt:
      add_fixed_rows(prompt_, 0, rows);
      need_logits(start_of_transcript_at_);
      need_logits(prompt_.size() - 1);
      break;
    case Phase::kSearch:
      for (Hypothesis& hypothesis : search_->live()) {
        hypothesis.past.push_back(cache_.add());
        need_logits(rows.size() - first);
        rows.push_back({.token = hypothesis.tokens.back(),
                        .position = static_cast<int>(hypothesis.past.size()) - 1,
                        .window = &window_,
                        .past = hypothesis.past});
      }
      break;
    case Phase::kAlign: {
      add_fixed_rows(prompt_, 0, rows);
      // The rows that predict the text tokens and the end: the last of the start sequence and the
      // text itself.
      const std::size_t head_count = tools_.config.alignment_heads.size();
      const std::size_t row_size = head_count * window_.frame_count();
      const std::size_t count = prompt_.size() - start_of_transcript_at_;
      result_.alignment.resize(count * row_size);
      for (std::size_t row = 0; row < count; ++row) {
        rows[first + start_of_transcript_at_ + row].alignment =
            result_.alignment.data() + row * row_size;
      }
      break;
    }
    case Phase::kDone:
      break;
  }
}

void WindowDecoder::advance(std::span<float> logits) {
  const auto vocabulary_size = static_cast<std::size_t>(tools_.config.vocabulary_size);
  switch (phase_) {
    case Phase::kDetectLanguage:
      take_language(logits);
      start_prompt();
      break;
    case Phase::kPrompt:
      result_.no_speech_probability =
          probability_of(logits.first(vocabulary_size), tools_.rules.special().no_speech);
      start_search(logits.last(vocabulary_size));
      break;
    case Phase::kSearch:
      search_->advance(logits);
      if (!search_->is_done() && std::ranges::all_of(search_->live(), [this](const auto& live) {
            return find_loop(live.tokens, tools_.rules.special().end_of_text).has_value();
          })) {
        search_->stop();
      }
      if (search_->is_done()) {
        finish_attempt();
      } else {
        drop_unused_places();
      }
      break;
    case Phase::kAlign:
      phase_ = Phase::kDone;
      break;
    case Phase::kDone:
      break;
  }
}

void WindowDecoder::take_language(std::span<const float> logits) {
  const SpecialTokens& special = tools_.rules.special();
  std::vector<int> candidates = task_.allowed_languages;
  if (candidates.empty()) {
    for (int i = 0; i < special.language_count; ++i)
      candidates.push_back(special.language_begin + i);
  }
  KATIP_ASSERT(!candidates.empty());
  const auto logit = [&](int token) { return logits[static_cast<std::size_t>(token)]; };
  const int best =
      *std::ranges::max_element(candidates, [&](int a, int b) { return logit(a) < logit(b); });
  float sum = 0.0f;
  for (const int token : candidates) sum += std::exp(logit(token) - logit(best));
  result_.language = best;
  result_.language_probability = 1.0f / sum;
}

void WindowDecoder::start_search(std::span<float> logits) {
  phase_ = Phase::kSearch;
  const SearchOptions options = search_options();
  search_ = make_search(options);
  search_->begin(logits, prompt_past_);
  if (search_->is_done()) finish_attempt();
}

void WindowDecoder::drop_unused_places() {
  constexpr std::size_t kInterval = 8;  // steps
  const std::span<const Hypothesis> live = search_->live();
  if (live.size() < 2 || live.front().tokens.size() % kInterval != 0) return;
  std::vector<std::byte*> used;
  for (const Hypothesis& hypothesis : live) {
    used.insert(used.end(), hypothesis.past.begin(), hypothesis.past.end());
  }
  cache_.keep_only(std::move(used));
}

bool WindowDecoder::is_silence(const DecodedWindow& attempt) const {
  const DecodeLimits& limits = task_.options->limits;
  return attempt.no_speech_probability > limits.no_speech_probability_max &&
         (attempt.average_log_probability < limits.average_log_probability_min ||
          repeats_prompt(attempt));
}

// In silence a prompt is the most probable text there is, once or several times.
bool WindowDecoder::repeats_prompt(const DecodedWindow& attempt) const {
  if (task_.previous.empty()) return false;
  const std::string text = tools_.tokenizer.decode(attempt.tokens);
  const std::string prompt = tools_.tokenizer.decode(task_.previous);
  std::string prompts = prompt;
  while (!prompt.empty() && prompts.size() < text.size() + prompt.size()) prompts += prompt;
  return prompts.find(text) != std::string::npos;
}

bool WindowDecoder::loops(const DecodedWindow& attempt) const {
  return attempt.compression_ratio > task_.options->limits.compression_ratio_max ||
         find_loop(attempt.tokens, tools_.rules.special().end_of_text).has_value();
}

bool WindowDecoder::needs_fallback(const DecodedWindow& attempt) const {
  const DecodeLimits& limits = task_.options->limits;
  if (is_silence(attempt)) return false;
  // Written so that a NaN fails too.
  return loops(attempt) || !(attempt.average_log_probability >= limits.average_log_probability_min);
}

void WindowDecoder::finish_attempt() {
  const Hypothesis best = search_->take_best();
  search_.reset();
  const bool is_cut_short = best.tokens.size() >= search_options().token_count_max;
  DecodedWindow attempt = result_;
  attempt.tokens = best.tokens;
  attempt.log_probabilities = best.log_probabilities;
  attempt.average_log_probability = best.average_log_probability();
  attempt.temperature = task_.options->temperatures[attempt_];
  attempt.compression_ratio =
      static_cast<float>(compression_ratio(tools_.tokenizer.decode(best.tokens)));
  if (is_cut_short && !loops(attempt)) drop_unfinished(attempt);
  const bool is_last = attempt_ + 1 == task_.options->temperatures.size();
  if (!needs_fallback(attempt)) {
    result_ = std::move(attempt);
    finish_window();
    return;
  }
  failed_.push_back(std::move(attempt));
  if (!is_last) {
    ++attempt_;
    start_prompt();
    return;
  }
  // All failed: the most probable of those that do not repeat themselves, else of all.
  result_ =
      *std::ranges::max_element(failed_, [this](const DecodedWindow& a, const DecodedWindow& b) {
        const bool a_loops = loops(a);
        const bool b_loops = loops(b);
        if (a_loops != b_loops) return a_loops;
        return a.average_log_probability < b.average_log_probability;
      });
  result_.has_failed = true;
  cut_loop(result_);
  finish_window();
}

// What was being said when the longest text was reached is left to the pass over the rest of the
// window, as the reference does: else the window would end in the middle of a sentence. A text
// without a finished segment stays, or nothing would get the reader on.
void WindowDecoder::drop_unfinished(DecodedWindow& attempt) const {
  const auto is_timestamp = [this](int token) { return tools_.rules.is_timestamp(token); };
  std::size_t size = attempt.tokens.size();
  while (size > 0 && !is_timestamp(attempt.tokens[size - 1])) --size;
  // Two timestamps in a row: an end and the start of what is unfinished.
  if (size < 2 || size == attempt.tokens.size() || !is_timestamp(attempt.tokens[size - 2])) return;
  attempt.tokens.resize(size - 1);
  attempt.log_probabilities.resize(size - 1);
}

void WindowDecoder::cut_loop(DecodedWindow& attempt) const {
  const int text_end = tools_.rules.special().end_of_text;
  const std::optional<Loop> loop = find_loop(attempt.tokens, text_end);
  if (!loop) return;
  std::size_t text_count = loop->text_begin + loop->period;
  const auto is_kept = [&](int token) { return token >= text_end || text_count-- > 0; };
  const auto end = std::ranges::find_if_not(attempt.tokens, is_kept);
  attempt.tokens.erase(end, attempt.tokens.end());
  attempt.log_probabilities.resize(attempt.tokens.size());
  attempt.compression_ratio =
      static_cast<float>(compression_ratio(tools_.tokenizer.decode(attempt.tokens)));
}

void WindowDecoder::finish_window() {
  failed_.clear();
  if (is_silence(result_)) {
    result_.tokens.clear();
    result_.log_probabilities.clear();
  }
  const bool has_text = std::ranges::any_of(
      result_.tokens, [this](int token) { return token < tools_.rules.special().end_of_text; });
  if (task_.options->word_times == WordTimes::kOn && has_text) {
    start_alignment();
  } else {
    phase_ = Phase::kDone;
  }
}

// The reference aligns the finished text without its timestamps and without the prompt.
void WindowDecoder::start_alignment() {
  phase_ = Phase::kAlign;
  const SpecialTokens& special = tools_.rules.special();
  cache_.clear();
  prompt_past_.clear();
  prompt_ = start_sequence();
  start_of_transcript_at_ = prompt_.size();  // where the rows begin that predict text
  prompt_.push_back(special.no_timestamps);
  std::ranges::copy(text_tokens(result_.tokens, special.end_of_text), std::back_inserter(prompt_));
}

}  // namespace katip::engine
