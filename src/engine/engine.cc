// Tested by engine_test.cc, and by tests/integration/ on real recordings.
#include "engine/engine.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "engine/batch/batcher.h"
#include "engine/features/mel.h"
#include "engine/graph/runtime.h"
#include "engine/kernels/cpu.h"
#include "engine/lexicon/lexicon.h"
#include "engine/lexicon/lexicon_cache.h"
#include "engine/model/describe_model.h"
#include "engine/model/model_files.h"
#include "engine/transcribe/transcriber.h"

namespace katip::engine {
namespace {

constexpr std::size_t kLexiconTermsMax = 100000;
constexpr int kWidthMax = 10;
constexpr float kLexiconWeightMax = 5.0f;
// Memory that the encoded windows of a full batch may take.
constexpr std::size_t kCrossCacheBytesMax = std::size_t{160} << 20;
constexpr std::size_t kWindowsMin = 4;
constexpr std::size_t kWindowsMax = 16;

Status out_of_range(std::string_view field, std::string_view limits) {
  return fail(ErrorCode::kInvalidArgument, std::string(field) + " must be " + std::string(limits));
}

bool is_language(std::string_view code) {
  for (const Language& language : languages()) {
    if (language.code == code) return true;
  }
  return false;
}

Status check_language(std::string_view code) {
  if (is_language(code)) return {};
  return fail(ErrorCode::kInvalidArgument, "unknown language '" + std::string(code) +
                                               "': use an ISO 639-1 code such as en or tr");
}

Status check_model_knows(const Tokenizer& tokenizer, std::span<const std::string> codes) {
  for (const std::string& code : codes) {
    if (tokenizer.language_token(code)) continue;
    return fail(ErrorCode::kInvalidArgument,
                "this model does not know the language '" + code + "'");
  }
  return {};
}

Status validate_limits(const DecodeLimits& limits) {
  if (!(limits.compression_ratio_max > 0.0f)) {
    return out_of_range("the limit of the compression ratio", "above 0");
  }
  if (!(limits.average_log_probability_min <= 0.0f)) {
    return out_of_range("the limit of the average log probability", "0 or below");
  }
  if (!(limits.no_speech_probability_max >= 0.0f && limits.no_speech_probability_max <= 1.0f)) {
    return out_of_range("the limit of the no speech probability", "0 to 1");
  }
  return {};
}

// As many windows as the cross caches of this model allow: 16 for base, fewer for larger ones.
std::size_t window_count_max(const ModelConfig& config, int wanted) {
  if (wanted > 0) return static_cast<std::size_t>(wanted);
  const std::size_t window_size = static_cast<std::size_t>(config.text_layer_count) * 2 *
                                  static_cast<std::size_t>(config.audio_context) *
                                  static_cast<std::size_t>(config.state_size);
  return std::clamp(kCrossCacheBytesMax / window_size, kWindowsMin, kWindowsMax);
}

}  // namespace

Status TranscribeOptions::validate() const {
  if (!language.empty()) KATIP_TRY(check_language(language));
  for (const std::string& code : languages) KATIP_TRY(check_language(code));
  if (beam_size < 1 || beam_size > kWidthMax) return out_of_range("beam size", "1 to 10");
  if (best_of < 1 || best_of > kWidthMax) return out_of_range("best of", "1 to 10");
  if (!(patience > 0.0f && patience <= 10.0f))
    return out_of_range("patience", "above 0 and at most 10");
  if (!(length_penalty >= 0.0f && length_penalty <= 10.0f))
    return out_of_range("length penalty", "0 to 10");
  if (temperatures.empty() || temperatures.size() > 16)
    return out_of_range("temperatures", "1 to 16 numbers");
  for (const float temperature : temperatures) {
    if (!(temperature >= 0.0f && temperature <= 2.0f)) return out_of_range("temperature", "0 to 2");
  }
  if (!(vad_threshold > 0.0f && vad_threshold < 1.0f))
    return out_of_range("VAD threshold", "between 0 and 1");
  KATIP_TRY(validate_limits(limits));
  if (lexicon.size() > kLexiconTermsMax) {
    return fail(ErrorCode::kTooLarge,
                "a lexicon may have 100,000 terms, this one has " + std::to_string(lexicon.size()));
  }
  for (const LexiconTerm& term : lexicon) {
    if (!(term.weight >= 0.0f && term.weight <= kLexiconWeightMax)) {
      return out_of_range("the weight of '" + term.term + "'", "0 to 5");
    }
  }
  return {};
}

std::string_view cpu_kernels() { return name(cpu()); }
Status force_cpu_kernels(std::string_view wanted) { return force_cpu(wanted); }

struct Engine::State {
  ModelFiles files;
  ModelInfo info;
  TokenRules rules;
  MelExtractor mel;
  std::shared_ptr<const VadModel> vad;
  DecodeTools decode_tools;
  std::unique_ptr<Batcher> batcher;
  LexiconCache lexicons;
  std::atomic<std::uint64_t> next_owner = 1;

  State(ModelFiles opened, ModelInfo described)
      : files(std::move(opened)),
        info(std::move(described)),
        rules(files.config, files.tokenizer->special()),
        mel(files.config.mel_count),
        decode_tools{files.config, *files.tokenizer, rules, 0} {}
};

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

const ModelInfo& Engine::model() const { return state_->info; }

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options) {
  ModelFiles files = KATIP_TRY(ModelFiles::open(options.model_dir));
  ModelInfo info = describe_model(files);
  auto state = std::make_unique<State>(std::move(files), std::move(info));
  if (!options.vad_dir.empty()) state->vad = KATIP_TRY(load_vad(options.vad_dir));
  Runtime runtime(options.thread_count);
  auto encoder = KATIP_TRY(Encoder::create(runtime, state->files, options.precision));
  auto decoder = KATIP_TRY(Decoder::create(runtime, state->files, options.precision));
  state->files.weights.reset();  // the graphs have them now; this unmaps the file
  state->decode_tools.element_size = decoder->element_size();
  const BatcherOptions batch = {
      .window_count_max = window_count_max(state->files.config, options.window_count_max)};
  state->batcher =
      std::make_unique<Batcher>(batch, state->decode_tools, std::move(encoder), std::move(decoder));
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

Result<Transcription> Engine::transcribe(const PcmReader& pcm, const TranscribeOptions& options,
                                         const TranscribeObserver& observer, std::stop_token stop) {
  return resume(pcm, options, {}, observer, std::move(stop));
}

Result<Transcription> Engine::resume(const PcmReader& pcm, const TranscribeOptions& options,
                                     const ResumePoint& point, const TranscribeObserver& observer,
                                     std::stop_token stop) {
  KATIP_TRY(options.validate());
  if (options.vad == Vad::kOn && state_->vad == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                "the voice activity model was not loaded: name its folder, or switch it off");
  }
  const bool multilingual = state_->files.config.multilingual;
  if (!multilingual && ((!options.language.empty() && options.language != "en") ||
                        options.task == Task::kTranslate)) {
    return fail(ErrorCode::kInvalidArgument,
                "this model knows English only: use a multilingual one such as base");
  }
  if (multilingual) {
    KATIP_TRY(check_model_knows(*state_->files.tokenizer, options.languages));
    if (!options.language.empty()) {
      KATIP_TRY(check_model_knows(*state_->files.tokenizer, {&options.language, 1}));
    }
  }
  std::shared_ptr<const Lexicon> lexicon;
  if (!options.lexicon.empty()) {
    lexicon = state_->lexicons.get(options.lexicon, *state_->files.tokenizer);
  }
  const TranscribeTools tools{state_->files, state_->rules, state_->mel, state_->vad,
                              *state_->batcher};
  Transcriber transcriber(tools, options, lexicon.get(), observer, state_->next_owner++);
  KATIP_TRY(transcriber.resume_at(point));
  return transcriber.run(pcm, stop);
}

}  // namespace katip::engine
