#include "http/routes/openai_request.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "base/utf8.h"

/// Tested by openai_request_test.cc, and with the official clients by tests/e2e/test_openai.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr std::size_t kKeywordCountMax = 1'000;
constexpr const char* kChunking = "chunking_strategy";

/// `name[]`, `name` and JSON lists in one.
std::vector<std::string> list_of(const Form& form, const std::string& name) {
  std::vector<std::string> all;
  for (const auto& [field, value] : form.fields) {
    if (field != name && field != name + "[]") continue;
    boost::system::error_code error;
    const json::value parsed = value.starts_with('[') ? json::parse(value, error) : json::value();
    if (!error && parsed.is_array()) {
      for (const json::value& entry : parsed.get_array()) {
        if (entry.is_string()) all.emplace_back(entry.get_string());
      }
    } else if (!value.empty()) {
      all.push_back(value);
    }
  }
  return all;
}

std::expected<bool, Failure> switch_of(const Form& form, const std::string& name) {
  const std::string value(form.value(name).value_or(""));
  if (value.empty() || value == "false" || value == "null" || value == "0" || value == "False") {
    return false;
  }
  if (value == "true" || value == "1" || value == "True") return true;
  return std::unexpected(
      Failure::of_parameter(name, fmt::format("{} must be true or false", name)));
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<Failure> check_language(const std::string& language, const std::string& field) {
  if (app::is_language_code(language)) return std::nullopt;
  return Failure::of_parameter(
      field,
      fmt::format("Invalid language '{}'. Language parameter must be specified in "
                  "ISO-639-1 format, such as 'en' or 'tr'.",
                  language),
      "invalid_language_format");
}

std::expected<SpeechFormat, Failure> parse_format(const Form& form, SpeechTask task) {
  const std::string text(form.value("response_format").value_or("json"));
  if (text == "json" || text.empty()) return SpeechFormat::kJson;
  if (text == "text") return SpeechFormat::kText;
  if (text == "srt") return SpeechFormat::kSrt;
  if (text == "vtt") return SpeechFormat::kVtt;
  if (text == "verbose_json") return SpeechFormat::kVerboseJson;
  if (text == "diarized_json" && task == SpeechTask::kTranscribe)
    return SpeechFormat::kDiarizedJson;
  return std::unexpected(Failure::of_parameter(
      "response_format",
      fmt::format("response_format '{}' is not one of json, text, srt, verbose_json, vtt{}", text,
                  task == SpeechTask::kTranscribe ? ", diarized_json" : "")));
}

/// A temperature of 0 leaves the ladder as it is: that is what "automatic" means.
std::optional<Failure> take_temperature(const Form& form, app::TranscriptionArgs& args) {
  const auto text = form.value("temperature");
  if (!text || text->empty()) return std::nullopt;
  const auto temperature = number_of(*text);
  if (!temperature || *temperature < 0 || *temperature > 1) {
    return Failure::of_parameter("temperature", "temperature must be a number from 0 to 1");
  }
  if (*temperature > 0) args.options.temperatures = {static_cast<float>(*temperature)};
  return std::nullopt;
}

Schema chunking_schema() {
  return Schema::object({{"type", Schema::string().one_of({"server_vad"})},
                         {"threshold", Schema::number().nullable()},
                         {"prefix_padding_ms", Schema::integer().range(0, 5'000).nullable()},
                         {"silence_duration_ms", Schema::integer().range(0, 10'000).nullable()}})
      .open();
}

/// "auto", a type, an object as JSON or fields `chunking_strategy[threshold]`: always an object.
/// Nothing where it begins like one and is none.
std::optional<json::object> chunking_of(const Form& form) {
  json::object chunking;
  const std::string word(form.value(kChunking).value_or("auto"));
  if (word.starts_with('{')) {
    boost::system::error_code error;
    json::value parsed = json::parse(word, error);
    if (error || !parsed.is_object()) return std::nullopt;
    chunking = std::move(parsed.get_object());
  } else if (word != "auto" && !word.empty()) {
    chunking["type"] = word;
  }
  if (const auto type = form.value(fmt::format("{}[type]", kChunking)); type && !type->empty()) {
    chunking["type"] = *type;
  }
  for (const char* name : {"threshold", "prefix_padding_ms", "silence_duration_ms"}) {
    const auto text = form.value(fmt::format("{}[{}]", kChunking, name));
    if (!text || text->empty()) continue;
    boost::system::error_code error;
    const json::value number = json::parse(*text, error);
    chunking[name] = !error && number.is_number() ? number : json::value(*text);
  }
  return chunking;
}

bool has_chunking(const Form& form) {
  return std::ranges::any_of(form.fields, [](const auto& field) {
    const std::string& name = field.first;
    return (name == kChunking || name == fmt::format("{}[type]", kChunking)) &&
           !field.second.empty();
  });
}

/// How silence is padded is the model's own: those two are looked at and change nothing.
std::optional<Failure> take_chunking(const Form& form, app::TranscriptionArgs& args) {
  const auto chunking = chunking_of(form);
  if (!chunking) return Failure::of_parameter(kChunking, "chunking_strategy is no JSON object");
  std::vector<FieldError> errors;
  chunking_schema().check(*chunking, "", errors);
  if (!errors.empty()) {
    const std::string field = errors.front().pointer.substr(1);
    if (field == "type") {
      return Failure::of_parameter(
          kChunking, "chunking_strategy must be `auto` or an object of type `server_vad`");
    }
    return Failure::of_parameter(
        kChunking, fmt::format("the {} of chunking_strategy {}", field, errors.front().message));
  }
  const json::value* threshold = chunking->if_contains("threshold");
  if (threshold == nullptr || threshold->is_null()) return std::nullopt;
  const double value = threshold->to_number<double>();
  if (value <= 0 || value >= 1) {
    return Failure::of_parameter(kChunking,
                                 "the threshold of chunking_strategy must lie between 0 and 1");
  }
  args.options.vad_threshold = static_cast<float>(value);
  return std::nullopt;
}

std::optional<Failure> take_granularities(const Form& form, SpeechRequest& request) {
  const auto granularities = list_of(form, "timestamp_granularities");
  if (granularities.empty()) return std::nullopt;
  if (request.format != SpeechFormat::kVerboseJson) {
    return Failure::of_parameter(
        "timestamp_granularities",
        "timestamp_granularities are possible with response_format=verbose_json only");
  }
  request.wants_segments = false;
  for (const std::string& granularity : granularities) {
    if (granularity != "word" && granularity != "segment") {
      return Failure::of_parameter("timestamp_granularities",
                                   fmt::format("'{}' is not one of word, segment", granularity));
    }
    (granularity == "word" ? request.wants_words : request.wants_segments) = true;
  }
  return std::nullopt;
}

std::optional<Failure> take_words(const Form& form, app::TranscriptionArgs& args) {
  const auto keywords = list_of(form, "keywords");
  if (keywords.size() > kKeywordCountMax) {
    return Failure::of_parameter("keywords",
                                 fmt::format("at most {} keywords are possible", kKeywordCountMax));
  }
  for (const std::string& keyword : keywords) app::add_keyword(args, keyword);
  if (const auto prompt = form.value("prompt")) args.options.initial_prompt = *prompt;
  return std::nullopt;
}

std::optional<Failure> take_languages(const Form& form, app::TranscriptionArgs& args) {
  if (const auto language = form.value("language"); language && !language->empty()) {
    if (auto failure = check_language(std::string(*language), "language")) return failure;
    args.options.language = *language;
  }
  const auto languages = list_of(form, "languages");
  for (const std::string& language : languages) {
    if (auto failure = check_language(language, "languages")) return failure;
  }
  if (!languages.empty()) args.options.languages = languages;
  return std::nullopt;
}

/// What only transcriptions have.
std::optional<Failure> take_transcription_fields(const Form& form, SpeechRequest& request) {
  if (auto failure = take_languages(form, request.args)) return failure;
  if (auto failure = take_granularities(form, request)) return failure;
  if (auto failure = take_chunking(form, request.args)) return failure;
  for (const std::string& extra : list_of(form, "include")) {
    if (extra != "logprobs")
      return Failure::of_parameter("include", fmt::format("'{}' cannot be included", extra));
    if (request.format != SpeechFormat::kJson) {
      return Failure::of_parameter("include",
                                   "logprobs are possible with response_format=json only");
    }
    request.wants_logprobs = true;
  }
  auto speakers = parse_known_speakers(list_of(form, "known_speaker_names"),
                                       list_of(form, "known_speaker_references"));
  if (!speakers) return std::move(speakers).error();
  request.known_speakers = *std::move(speakers);
  request.must_be_short = request.model.id == app::kDiarizing && !has_chunking(form);
  const auto streamed = switch_of(form, "stream");
  if (!streamed) return streamed.error();
  request.is_streamed = *streamed && request.model.id != app::kWhisper1;
  const bool can_stream = request.format == SpeechFormat::kJson ||
                          request.format == SpeechFormat::kText ||
                          request.format == SpeechFormat::kDiarizedJson;
  if (request.is_streamed && !can_stream) {
    return Failure::of_parameter(
        "stream", "a stream is possible with response_format json, text or diarized_json");
  }
  return std::nullopt;
}

std::expected<app::ModelName, Failure> find_model(const Form& form, const app::ModelNames& models) {
  const std::string id(form.value("model").value_or(""));
  if (id.empty())
    return std::unexpected(Failure::of_parameter("model", "you must provide a model parameter"));
  auto model = models.find(id);
  if (!model) {
    Failure failure(404, "MODEL_NOT_FOUND",
                    fmt::format("The model '{}' does not exist here; GET /v1/models lists those "
                                "that do.",
                                id));
    failure.parameter = "model";
    failure.openai_code = "model_not_found";
    return std::unexpected(std::move(failure));
  }
  return *std::move(model);
}

std::optional<Failure> check_texts(const Form& form) {
  for (const auto& [name, value] : form.fields) {
    if (!is_utf8(value) || value.contains('\0')) {
      return Failure::of_parameter(
          name, fmt::format("{} must be UTF-8 without the character U+0000", name));
    }
  }
  return std::nullopt;
}

}  // namespace

std::expected<SpeechRequest, Failure> parse_speech_request(const Form& form, SpeechTask task,
                                                           const app::ModelNames& models,
                                                           const app::TranscriptionArgs& defaults) {
  if (auto failure = check_texts(form)) return std::unexpected(*std::move(failure));
  SpeechRequest request;
  request.args = defaults;
  auto model = find_model(form, models);
  if (!model) return std::unexpected(std::move(model).error());
  request.model = *std::move(model);
  request.args.model = models.name_for_task(request.model);
  auto format = parse_format(form, task);
  if (!format) return std::unexpected(std::move(format).error());
  request.format = *format;
  if (auto failure = take_temperature(form, request.args)) return std::unexpected(*failure);
  if (auto failure = take_words(form, request.args)) return std::unexpected(*failure);
  if (task == SpeechTask::kTranslate) {
    app::make_translation(request.args);
  } else if (auto failure = take_transcription_fields(form, request)) {
    return std::unexpected(*std::move(failure));
  }
  if (request.wants_words) app::want_word_times(request.args);
  if (request.wants_logprobs) app::want_token_scores(request.args);
  return request;
}

Schema speech_schema(SpeechTask task) {
  const Schema text = Schema::string();
  std::vector<Property> fields = {
      {"file",
       Schema::binary().described("flac, mp3, mp4, mpeg, mpga, m4a, ogg, wav, webm and more"),
       Need::kRequired},
      {"model", text.described("a name of GET /v1/models"), Need::kRequired},
      {"prompt", text.described("text that is thought to precede the recording")},
      {"response_format",
       text.described("json, text, srt, verbose_json, vtt; transcriptions: diarized_json")},
      {"temperature", text.described("0 to 1; 0 raises it by itself where that helps")}};
  if (task == SpeechTask::kTranscribe) {
    const Schema texts = Schema::array(Schema::string());
    const std::vector<Property> more = {
        {"language", text.described("ISO 639-1 code; left out: it is detected")},
        {"languages[]", texts.described("codes that detection may choose from")},
        {"keywords[]", texts.described("names and terms to expect")},
        {"include[]", texts.described("logprobs")},
        {"timestamp_granularities[]", texts.described("word, segment; with verbose_json")},
        {"stream", text.described("true: server-sent events while windows finish")},
        {"chunking_strategy",
         text.described("auto, or an object of type server_vad with threshold, "
                        "prefix_padding_ms and silence_duration_ms")},
        {"known_speaker_names[]", texts.described("up to four, each with its reference")},
        {"known_speaker_references[]",
         texts.described("their voices: recordings of 2 to 10 s as data URLs in base64")}};
    fields.insert(fields.end(), more.begin(), more.end());
  }
  return Schema::object(std::move(fields)).open();
}

}  // namespace katip::http
