#include "cli/transcribe/options.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "app/lexicon_file.h"
#include "app/remote_transcriber.h"
#include "base/atomic_file.h"
#include "base/suggestion.h"
#include "text/languages.h"

// Tested by options_test.cc.
namespace katip::cli {
namespace {

constexpr std::size_t kLexiconSizeMax = 16 << 20;
constexpr float kTemperatureMax = 1.0f;

Result<std::string> language_code(const std::string& name, std::string_view flag) {
  const std::string_view code = text::language_code(name);
  if (!code.empty()) {
    return std::string(code);
  }
  std::vector<std::string_view> names;
  for (const text::LanguageName& language : text::language_names()) {
    names.push_back(language.name);
    names.push_back(language.code);
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: `{}` is not a language that the model knows; write a code such as "
                          "`tr` or an English name such as `turkish`.{}",
                          flag, name,
                          did_you_mean(nearest(name, std::span<const std::string_view>(names)))));
}

Result<std::vector<float>> temperatures(const Settings& settings) {
  std::vector<float> values;
  for (const std::string& part : settings.list("transcribe.temperature")) {
    char* end = nullptr;
    const float value = std::strtof(part.c_str(), &end);
    if (end == part.c_str() || *end != '\0' || !(value >= 0.0f && value <= kTemperatureMax)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("--temperature: `{}` is not a number from 0 to 1", part));
    }
    values.push_back(value);
  }
  if (values.empty()) {
    return fail(ErrorCode::kInvalidArgument, "--temperature: name at least one");
  }
  return values;
}

Result<std::vector<engine::LexiconTerm>> lexicon(const Settings& settings,
                                                 const std::vector<std::string>& keywords) {
  std::vector<engine::LexiconTerm> terms;
  if (const std::string& file = settings.text("transcribe.lexicon"); !file.empty()) {
    const std::string text = KATIP_TRY(read_whole_file(file, kLexiconSizeMax));
    terms = KATIP_TRY(app::parse_lexicon(text, file));
  }
  for (const std::string& keyword : keywords) {
    if (keyword.empty()) {
      return fail(ErrorCode::kInvalidArgument, "--keyword: the term is empty");
    }
    terms.push_back({.term = keyword, .weight = 1.0f, .alternatives = {}});
  }
  return terms;
}

}  // namespace

Result<engine::TranscribeOptions> transcribe_options(const Settings& settings,
                                                     const std::vector<std::string>& keywords) {
  engine::TranscribeOptions options;
  if (const std::string& language = settings.text("transcribe.language"); language != "auto") {
    options.language = KATIP_TRY(language_code(language, "--language"));
  }
  for (const std::string& language : settings.list("transcribe.languages")) {
    options.languages.push_back(KATIP_TRY(language_code(language, "--languages")));
  }
  options.task =
      settings.is_on("transcribe.translate") ? engine::Task::kTranslate : engine::Task::kTranscribe;
  options.beam_size = settings.integer("transcribe.beam");
  options.best_of = settings.integer("transcribe.best_of");
  options.temperatures = KATIP_TRY(temperatures(settings));
  options.limits = {
      .compression_ratio_max =
          static_cast<float>(settings.number("transcribe.compression_ratio_max")),
      .average_log_probability_min =
          static_cast<float>(settings.number("transcribe.average_log_probability_min")),
      .no_speech_probability_max =
          static_cast<float>(settings.number("transcribe.no_speech_probability_max"))};
  options.initial_prompt = settings.text("transcribe.prompt");
  options.condition_on_previous_text = settings.is_on("transcribe.condition_on_previous_text");
  options.vad = settings.is_on("transcribe.vad") ? engine::Vad::kOn : engine::Vad::kOff;
  options.vad_threshold = static_cast<float>(settings.number("transcribe.vad_threshold"));
  options.word_times =
      settings.is_on("transcribe.words") ? engine::WordTimes::kOn : engine::WordTimes::kOff;
  options.lexicon = KATIP_TRY(lexicon(settings, keywords));
  KATIP_TRY(options.validate());
  return options;
}

Result<text::WriteOptions> write_options(const Settings& settings) {
  text::WriteOptions options;
  options.subtitles.line_width_max = settings.integer("subtitles.line_width_max");
  options.subtitles.line_count_max = settings.integer("subtitles.line_count_max");
  options.subtitles.reading_speed_max = settings.number("subtitles.reading_speed_max");
  options.subtitles.speaker_labels = text::SpeakerLabels::kPrefix;
  KATIP_TRY(options.subtitles.validate());
  return options;
}

Result<std::vector<text::Format>> formats(const Settings& settings) {
  std::vector<text::Format> result;
  for (const std::string& name : settings.list("transcribe.format")) {
    const text::Format format = KATIP_TRY(text::parse_format(name));
    if (std::find(result.begin(), result.end(), format) == result.end()) {
      result.push_back(format);
    }
  }
  if (result.empty()) {
    return fail(ErrorCode::kInvalidArgument, "--format: name at least one");
  }
  return result;
}

Result<std::unique_ptr<engine::Engine>> open_engine(const Settings& settings,
                                                    const app::ModelPlaces& places,
                                                    std::string_view name, engine::Vad vad) {
  engine::EngineOptions options;
  options.model_dir = KATIP_TRY(app::find_model(places, name));
  if (vad == engine::Vad::kOn) {
    Result<std::filesystem::path> folder = app::find_model(places, "silero-vad");
    if (!folder) {
      return fail(ErrorCode::kNotFound,
                  "the speech detector is not installed: run `katip models pull silero-vad`, or "
                  "do without it (--vad off)");
    }
    options.vad_dir = *std::move(folder);
  }
  options.precision = settings.text("engine.precision") == "float32" ? engine::Precision::kFloat32
                                                                     : engine::Precision::kInt8;
  options.thread_count = settings.integer("engine.threads");
  return engine::Engine::open(options);
}

Result<app::LoadedModel> open_model(const Settings& settings, const app::ModelPlaces& places,
                                    std::string_view name, engine::Vad vad) {
  app::LoadedModel loaded;
  const auto model = app::remote_model(name);
  if (!model) {
    loaded.engine = KATIP_TRY(open_engine(settings, places, name, vad));
    loaded.run = app::transcribe_with(*loaded.engine);
    loaded.made_by = "katip";
    return loaded;
  }
  app::RemoteEngineOptions options;
  options.provider.base_url = settings.text("remote.base_url");
  options.provider.api_key = settings.secret("remote.api_key");
  options.provider.model = *model;
  options.provider.timeout = std::chrono::seconds(settings.integer("remote.timeout_s"));
  options.provider.ca_file = settings.text("remote.ca_file");
  options.part_max = std::chrono::seconds(settings.integer("remote.part_s_max"));
  if (const Status status = options.validate(); !status) return fail("remote", status.error());
  loaded.run = app::transcribe_remotely(std::move(options));
  loaded.made_by = "remote";
  return loaded;
}

}  // namespace katip::cli
