#include "http/routes/realtime_config.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "http/schema.h"

/// Tested by realtime_config_test.cc.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr std::size_t kKeywordCountMax = 1'000;
constexpr const char* kLogprobs = "item.input_audio_transcription.logprobs";

Failure wrong(const std::string& parameter, std::string message) {
  return Failure::of_parameter("session." + parameter, std::move(message), "invalid_value");
}

Schema transcription_schema() {
  const Schema text = Schema::string();
  return Schema::object(
             {{"model", text.nullable()},
              {"language", text.nullable()},
              {"languages", Schema::array(text).nullable()},
              {"keywords", Schema::array(text).length(0, kKeywordCountMax).nullable()},
              {"prompt", text.nullable()},
              {"delay", text.one_of({"minimal", "low", "medium", "high", "xhigh"}).nullable()}})
      .open();
}

Schema turns_schema() {
  return Schema::object(
             {{"type", Schema::string().one_of({"server_vad", "semantic_vad"}), Need::kRequired},
              {"threshold", Schema::number().range(0, 1).nullable()},
              {"prefix_padding_ms", Schema::integer().range(0, 5'000).nullable()},
              {"silence_duration_ms", Schema::integer().range(0, 10'000).nullable()},
              {"idle_timeout_ms", Schema::integer().range(5'000, 30'000).nullable()},
              {"eagerness", Schema::string().one_of({"low", "medium", "high", "auto"}).nullable()}})
      .open();
}

Schema session_schema() {
  const Schema text = Schema::string();
  const Schema noise =
      Schema::object({{"type", text.one_of({"near_field", "far_field"}).nullable()}}).open();
  const Schema format =
      Schema::object(
          {{"type", text.one_of({"audio/pcm", "audio/pcmu", "audio/pcma"}), Need::kRequired},
           {"rate", Schema::integer().range(24'000, 24'000).nullable()}})
          .open();
  const Schema input = Schema::object({{"format", format.nullable()},
                                       {"noise_reduction", noise.nullable()},
                                       {"transcription", transcription_schema().nullable()},
                                       {"turn_detection", turns_schema().nullable()}})
                           .open();
  return Schema::object({{"audio", Schema::object({{"input", input.nullable()}}).open().nullable()},
                         {"input_audio_format", text.one_of({"pcm16", "g711_ulaw", "g711_alaw"})},
                         {"input_audio_noise_reduction", noise.nullable()},
                         {"input_audio_transcription", transcription_schema().nullable()},
                         {"turn_detection", turns_schema().nullable()},
                         {"include", Schema::array(text.one_of({kLogprobs})).nullable()}})
      .open();
}

/// Null and absent are the same but for turn_detection.
const json::value* find(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void take_text(const json::object& object, std::string_view key, std::string& to) {
  if (const json::value* value = find(object, key)) to = value->get_string();
}

void take_list(const json::object& object, std::string_view key, std::vector<std::string>& to) {
  const json::value* list = find(object, key);
  if (list == nullptr) return;
  to.clear();
  for (const json::value& entry : list->get_array()) to.emplace_back(entry.get_string());
}

/// What a sentence means is not heard before it is written: an eager one waits less.
void take_eagerness(const json::object& fields, RealtimeConfig& config) {
  if (fields.at("type").get_string() != "semantic_vad") return;
  config.eagerness = "auto";
  take_text(fields, "eagerness", config.eagerness);
  if (config.eagerness == "low") config.turns->silence_duration_ms = 1'000;
  if (config.eagerness == "high") config.turns->silence_duration_ms = 300;
}

void take_turns(const json::object& object, RealtimeConfig& config) {
  const json::value* given = object.if_contains("turn_detection");
  if (given == nullptr) return;
  std::optional<app::TurnOptions>& turns = config.turns;
  config.eagerness.clear();
  if (given->is_null()) {
    turns.reset();
    return;
  }
  const json::object& fields = given->get_object();
  turns = app::TurnOptions();
  if (const json::value* value = find(fields, "threshold")) {
    turns->threshold = value->to_number<float>();
  }
  if (const json::value* value = find(fields, "prefix_padding_ms")) {
    turns->prefix_padding_ms = value->to_number<int>();
  }
  if (const json::value* value = find(fields, "silence_duration_ms")) {
    turns->silence_duration_ms = value->to_number<int>();
  }
  if (const json::value* value = find(fields, "idle_timeout_ms")) {
    turns->idle_timeout_ms = value->to_number<int>();
  }
  take_eagerness(fields, config);
}

void take_noise(const json::object& object, std::string_view key, std::string& to) {
  const json::value* given = object.if_contains(key);
  if (given == nullptr) return;
  to.clear();
  if (given->is_object()) take_text(given->get_object(), "type", to);
}

std::optional<app::LiveFormat> parse_format(std::string_view text) {
  if (text == "audio/pcm" || text == "pcm16") return app::LiveFormat::kPcm16;
  if (text == "audio/pcmu" || text == "g711_ulaw") return app::LiveFormat::kMuLaw;
  if (text == "audio/pcma" || text == "g711_alaw") return app::LiveFormat::kALaw;
  return std::nullopt;
}

/// As it came: what else it shares with server_vad is said where it is not as usual.
json::object semantic_json(const app::TurnOptions& turns, const std::string& eagerness) {
  constexpr app::TurnOptions kUsual;
  json::object told{{"type", "semantic_vad"}, {"eagerness", eagerness}};
  if (turns.threshold != kUsual.threshold) {
    told["threshold"] = static_cast<double>(turns.threshold);
  }
  if (turns.prefix_padding_ms != kUsual.prefix_padding_ms) {
    told["prefix_padding_ms"] = turns.prefix_padding_ms;
  }
  const bool is_of_eagerness = eagerness == "low" || eagerness == "high";
  if (!is_of_eagerness && turns.silence_duration_ms != kUsual.silence_duration_ms) {
    told["silence_duration_ms"] = turns.silence_duration_ms;
  }
  if (turns.idle_timeout_ms) told["idle_timeout_ms"] = *turns.idle_timeout_ms;
  return told;
}

json::value turns_json(const std::optional<app::TurnOptions>& turns, const std::string& eagerness) {
  if (!turns) return nullptr;
  if (!eagerness.empty()) return semantic_json(*turns, eagerness);
  return json::object{
      {"type", "server_vad"},
      {"threshold", static_cast<double>(turns->threshold)},
      {"prefix_padding_ms", turns->prefix_padding_ms},
      {"silence_duration_ms", turns->silence_duration_ms},
      {"idle_timeout_ms",
       turns->idle_timeout_ms ? json::value(*turns->idle_timeout_ms) : json::value(nullptr)}};
}

json::value texts_json(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

std::optional<Failure> take_transcription(const json::object& transcription,
                                          const std::string& place, RealtimeConfig& config) {
  // Passed over in silence, it would promise what nobody keeps.
  if (find(transcription, "delay") != nullptr) {
    return wrong(place + ".delay",
                 "delay is not possible here: a piece becomes text as soon as it has ended. Leave "
                 "delay out; silence_duration_ms of turn_detection says which pause ends a piece");
  }
  take_text(transcription, "model", config.model);
  take_text(transcription, "language", config.language);
  take_text(transcription, "prompt", config.prompt);
  take_list(transcription, "languages", config.languages);
  take_list(transcription, "keywords", config.keywords);
  return std::nullopt;
}

}  // namespace

std::optional<Failure> RealtimeConfig::update(const json::object& session,
                                              const app::ModelNames& models) {
  std::vector<FieldError> errors;
  session_schema().check(session, "", errors);
  if (!errors.empty()) {
    std::string field = errors.front().pointer.substr(1);
    for (char& letter : field) letter = letter == '/' ? '.' : letter;
    return wrong(field, fmt::format("session.{}: {}", field, errors.front().message));
  }
  RealtimeConfig next = *this;
  const json::value* audio = find(session, "audio");
  const json::value* input = audio == nullptr ? nullptr : find(audio->get_object(), "input");
  const json::object& fields = input == nullptr ? session : input->get_object();
  const bool is_beta = input == nullptr;
  if (const json::value* shape = find(fields, is_beta ? "input_audio_format" : "format")) {
    const json::string& name =
        is_beta ? shape->get_string() : shape->get_object().at("type").get_string();
    next.format = parse_format(name).value_or(next.format);
  }
  take_noise(fields, is_beta ? "input_audio_noise_reduction" : "noise_reduction",
             next.noise_reduction);
  take_turns(fields, next);
  const std::string place = is_beta ? "input_audio_transcription" : "audio.input.transcription";
  if (const json::value* given =
          find(fields, is_beta ? "input_audio_transcription" : "transcription")) {
    if (auto failure = take_transcription(given->get_object(), place, next)) return failure;
  }
  if (const json::value* include = find(session, "include")) {
    next.wants_logprobs = !include->get_array().empty();
  }
  if (!models.find(next.model)) {
    Failure failure = wrong(place + ".model",
                            fmt::format("The model '{}' does not exist here; GET /v1/models lists "
                                        "those that do.",
                                        next.model));
    failure.openai_code = "model_not_found";
    return failure;
  }
  std::vector<std::string> codes = next.languages;
  if (!next.language.empty()) codes.push_back(next.language);
  for (const std::string& code : codes) {
    if (!app::is_language_code(code)) {
      return wrong(place + ".language",
                   fmt::format("Invalid language '{}'; it must be an ISO 639-1 code", code));
    }
  }
  *this = std::move(next);
  return std::nullopt;
}

json::object RealtimeConfig::to_json(RealtimeDialect dialect) const {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
  };
  const bool is_beta = dialect == RealtimeDialect::kBeta;
  json::object transcription{
      {"model", model}, {"language", text_or_null(language)}, {"prompt", prompt}};
  if (!languages.empty()) transcription["languages"] = texts_json(languages);
  if (!keywords.empty()) transcription["keywords"] = texts_json(keywords);
  json::value noise = nullptr;
  if (!noise_reduction.empty()) noise = json::object{{"type", noise_reduction}};
  json::value include = nullptr;
  if (wants_logprobs) include = json::array{kLogprobs};
  static constexpr const char* kNames[2][3] = {{"audio/pcm", "audio/pcmu", "audio/pcma"},
                                               {"pcm16", "g711_ulaw", "g711_alaw"}};
  const char* format_name = kNames[is_beta ? 1 : 0][static_cast<int>(format)];
  if (is_beta) {
    return {{"object", "realtime.transcription_session"},
            {"input_audio_format", format_name},
            {"input_audio_transcription", std::move(transcription)},
            {"input_audio_noise_reduction", std::move(noise)},
            {"turn_detection", turns_json(turns, eagerness)},
            {"include", std::move(include)}};
  }
  json::object shape{{"type", format_name}};
  if (format == app::LiveFormat::kPcm16) shape["rate"] = 24'000;
  json::object input{{"format", std::move(shape)},
                     {"transcription", std::move(transcription)},
                     {"noise_reduction", std::move(noise)},
                     {"turn_detection", turns_json(turns, eagerness)}};
  return {{"type", "transcription"},
          {"object", "realtime.transcription_session"},
          {"audio", {{"input", std::move(input)}}},
          {"include", std::move(include)}};
}

app::TranscriptionArgs RealtimeConfig::args(const app::TranscriptionArgs& defaults,
                                            const app::ModelNames& models) const {
  app::TranscriptionArgs args = defaults;
  if (const auto name = models.find(model)) args.model = models.name_for_task(*name);
  if (!language.empty()) args.options.language = language;
  if (!languages.empty()) args.options.languages = languages;
  if (!prompt.empty()) args.options.initial_prompt = prompt;
  for (const std::string& keyword : keywords) app::add_keyword(args, keyword);
  if (wants_logprobs) app::want_token_scores(args);
  return args;
}

}  // namespace katip::http
