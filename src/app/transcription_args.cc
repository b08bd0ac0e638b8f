#include "app/transcription_args.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/suggestion.h"
#include "text/languages.h"

// A table of fields says how each key is read and written; what is not in it does not exist.
// Tested by transcription_args_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

std::unexpected<Error> wrong(std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("must be {}", what));
}

Status read_to(const json::value& value, std::string& target) {
  if (!value.is_string()) return wrong("a text");
  target = value.get_string();
  return {};
}

Status read_to(const json::value& value, bool& target) {
  if (!value.is_bool()) return wrong("true or false");
  target = value.get_bool();
  return {};
}

Status read_to(const json::value& value, float& target) {
  boost::system::error_code error;
  const auto number = value.to_number<double>(error);
  if (error || std::fabs(number) > 1e6) return wrong("a number");
  target = static_cast<float>(number);
  return {};
}

Status read_to(const json::value& value, int& target) {
  boost::system::error_code error;
  target = value.to_number<int>(error);
  return error ? wrong("a whole number") : Status{};
}

Status read_to(const json::value& value, std::uint64_t& target) {
  boost::system::error_code error;
  target = value.to_number<std::uint64_t>(error);
  return error ? wrong("a whole number from 0") : Status{};
}

template <typename T>
Status read_to(const json::value& value, std::vector<T>& target) {
  if (!value.is_array()) return wrong("a list");
  target.clear();
  for (const json::value& item : value.get_array()) {
    Status status = read_to(item, target.emplace_back());
    if (!status) return fail("an item", std::move(status).error());
  }
  return {};
}

/// How one key of an object is read and written.
template <typename T>
struct Field {
  std::string_view key;
  Status (*read)(const json::value& value, T& target);
  json::value (*write)(const T& source);  ///< Null: the key is left out.
};

/// A key outside the table is an error, as it would be a wish that nobody hears.
template <typename T>
Status read_fields(const json::value& value, std::span<const Field<T>> fields, T& target) {
  if (!value.is_object()) return wrong("an object");
  for (const auto& [key, item] : value.get_object()) {
    const auto field = std::ranges::find(fields, std::string_view(key), &Field<T>::key);
    if (field == fields.end()) {
      std::vector<std::string_view> keys;
      for (const Field<T>& each : fields) keys.push_back(each.key);
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("there is no key `{}`.{}", std::string_view(key),
                              did_you_mean(nearest(key, keys))));
    }
    if (Status status = field->read(item, target); !status) {
      return fail(fmt::format("`{}`", field->key), std::move(status).error());
    }
  }
  return {};
}

template <typename T>
json::object write_fields(const T& source, std::span<const Field<T>> fields) {
  json::object object;
  for (const Field<T>& field : fields) {
    json::value value = field.write(source);
    if (!value.is_null()) object[field.key] = std::move(value);
  }
  return object;
}

// Without this a lambda for each of fifteen plain fields would say the same.
template <auto kMember>
Status read_option(const json::value& value, TranscriptionArgs& args) {
  return read_to(value, args.options.*kMember);
}
template <auto kMember>
json::value write_option(const TranscriptionArgs& args) {
  return json::value_from(args.options.*kMember);
}
template <auto kMember>
constexpr Field<TranscriptionArgs> option(std::string_view key) {
  return {key, read_option<kMember>, write_option<kMember>};
}

// An option of two values, as a bool or two words.
template <auto kMember, auto kOff, auto kOn>
constexpr Field<TranscriptionArgs> toggle(std::string_view key) {
  return {
      key,
      [](const json::value& value, TranscriptionArgs& args) -> Status {
        bool is_on = false;
        KATIP_TRY(read_to(value, is_on));
        args.options.*kMember = is_on ? kOn : kOff;
        return {};
      },
      [](const TranscriptionArgs& args) -> json::value { return args.options.*kMember == kOn; }};
}

Status read_language(const json::value& value, TranscriptionArgs& args) {
  std::string wanted;
  KATIP_TRY(read_to(value, wanted));
  args.options.language.clear();
  if (wanted.empty() || wanted == "auto") return {};
  args.options.language = text::language_code(wanted);
  if (args.options.language.empty()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("`{}` is no language: give a code such as tr or en, or `auto`", wanted));
  }
  return {};
}

Status read_temperature(const json::value& value, TranscriptionArgs& args) {
  if (value.is_array()) return read_to(value, args.options.temperatures);
  float temperature = 0;
  KATIP_TRY(read_to(value, temperature));
  args.options.temperatures = {temperature};
  return {};
}

Status read_task(const json::value& value, TranscriptionArgs& args) {
  if (value == "transcribe") {
    args.options.task = engine::Task::kTranscribe;
  } else if (value == "translate") {
    args.options.task = engine::Task::kTranslate;
  } else {
    return wrong("`transcribe` or `translate`");
  }
  return {};
}

Status read_channels(const json::value& value, TranscriptionArgs& args) {
  if (value == "mix") {
    args.channels = audio::Channels::kMix;
  } else if (value == "separate") {
    args.channels = audio::Channels::kSeparate;
  } else {
    return wrong("`mix` or `separate`");
  }
  return {};
}

using engine::LexiconTerm;
constexpr std::array<Field<LexiconTerm>, 3> kTermFields = {{
    {"term", [](const json::value& value, LexiconTerm& term) { return read_to(value, term.term); },
     [](const LexiconTerm& term) -> json::value { return json::string(term.term); }},
    {"weight",
     [](const json::value& value, LexiconTerm& term) { return read_to(value, term.weight); },
     [](const LexiconTerm& term) -> json::value { return term.weight; }},
    {"alternatives",
     [](const json::value& value, LexiconTerm& term) { return read_to(value, term.alternatives); },
     [](const LexiconTerm& term) { return json::value_from(term.alternatives); }},
}};

Status read_lexicon(const json::value& value, TranscriptionArgs& args) {
  if (!value.is_array()) return wrong("a list");
  for (const json::value& item : value.get_array()) {
    LexiconTerm& term = args.options.lexicon.emplace_back();
    KATIP_TRY(item.is_string() ? read_to(item, term.term)
                               : read_fields<LexiconTerm>(item, kTermFields, term));
    if (term.term.empty()) return fail(ErrorCode::kInvalidArgument, "a term is empty");
  }
  return {};
}

json::value write_lexicon(const TranscriptionArgs& args) {
  json::array terms;
  for (const LexiconTerm& term : args.options.lexicon) {
    terms.push_back(write_fields<LexiconTerm>(term, kTermFields));
  }
  return terms;
}

using engine::TranscribeOptions;
constexpr std::array<Field<TranscriptionArgs>, 19> kOptionFields = {{
    {"model",
     [](const json::value& value, TranscriptionArgs& args) { return read_to(value, args.model); },
     [](const TranscriptionArgs& args) {
       return args.model.empty() ? json::value() : json::value(json::string(args.model));
     }},
    {"language", read_language,
     [](const TranscriptionArgs& args) -> json::value {
       return json::string(args.options.language.empty() ? "auto" : args.options.language);
     }},
    option<&TranscribeOptions::languages>("languages"),
    {"task", read_task,
     [](const TranscriptionArgs& args) -> json::value {
       return args.options.task == engine::Task::kTranslate ? "translate" : "transcribe";
     }},
    option<&TranscribeOptions::beam_size>("beam_size"),
    option<&TranscribeOptions::best_of>("best_of"),
    option<&TranscribeOptions::patience>("patience"),
    option<&TranscribeOptions::length_penalty>("length_penalty"),
    {"temperature", read_temperature, [](const TranscriptionArgs&) { return json::value(); }},
    option<&TranscribeOptions::temperatures>("temperatures"),
    option<&TranscribeOptions::initial_prompt>("prompt"),
    option<&TranscribeOptions::condition_on_previous_text>("condition_on_previous_text"),
    toggle<&TranscribeOptions::vad, engine::Vad::kOff, engine::Vad::kOn>("vad"),
    option<&TranscribeOptions::vad_threshold>("vad_threshold"),
    toggle<&TranscribeOptions::word_times, engine::WordTimes::kOff, engine::WordTimes::kOn>(
        "word_times"),
    option<&TranscribeOptions::token_scores>("token_scores"),
    {"lexicon", read_lexicon, write_lexicon},
    option<&TranscribeOptions::seed>("seed"),
    {"channels", read_channels,
     [](const TranscriptionArgs& args) -> json::value {
       return args.channels == audio::Channels::kSeparate ? "separate" : "mix";
     }},
}};

Status read_formats(const json::value& value, TranscriptionArgs& args) {
  std::vector<std::string> names;
  KATIP_TRY(read_to(value, names));
  for (const std::string& name : names) {
    args.formats.push_back(KATIP_TRY(text::parse_format(name)));
  }
  return {};
}

json::value write_formats(const TranscriptionArgs& args) {
  json::array names;
  for (const text::Format format : args.formats) {
    names.emplace_back(json::string(text::file_extension(format)));
  }
  return names;
}

constexpr std::array<Field<TranscriptionArgs>, 4> kFields = {{
    {"job_id",
     [](const json::value& value, TranscriptionArgs& args) { return read_to(value, args.job_id); },
     [](const TranscriptionArgs& args) -> json::value { return json::string(args.job_id); }},
    {"source",
     [](const json::value& value, TranscriptionArgs& args) { return read_to(value, args.source); },
     [](const TranscriptionArgs& args) -> json::value { return json::string(args.source); }},
    {"formats", read_formats, write_formats},
    {"options",
     [](const json::value& value, TranscriptionArgs& args) {
       return read_fields<TranscriptionArgs>(value, kOptionFields, args);
     },
     [](const TranscriptionArgs& args) -> json::value {
       return write_fields<TranscriptionArgs>(args, kOptionFields);
     }},
}};

}  // namespace

Result<TranscriptionArgs> parse_transcription_args(std::string_view json_text) {
  boost::system::error_code error;
  const json::value value = json::parse(json_text, error);
  if (error) return fail(ErrorCode::kInvalidArgument, "the args are no JSON");
  TranscriptionArgs args;
  if (Status status = read_fields<TranscriptionArgs>(value, kFields, args); !status) {
    return fail("args", std::move(status).error());
  }
  if (args.job_id.empty() || args.source.empty()) {
    return fail(ErrorCode::kInvalidArgument, "args: `job_id` and `source` are missing or empty");
  }
  KATIP_TRY(args.options.validate());
  return args;
}

std::string to_json(const TranscriptionArgs& args) {
  return json::serialize(write_fields<TranscriptionArgs>(args, kFields));
}

std::string options_json(const TranscriptionArgs& args) {
  const json::object object = write_fields<TranscriptionArgs>(args, kFields);
  const json::value* options = object.if_contains("options");
  return options == nullptr ? "{}" : json::serialize(*options);
}

void make_translation(TranscriptionArgs& args) { args.options.task = engine::Task::kTranslate; }

void want_word_times(TranscriptionArgs& args) { args.options.word_times = engine::WordTimes::kOn; }

void want_token_scores(TranscriptionArgs& args) { args.options.token_scores = true; }

void add_keyword(TranscriptionArgs& args, std::string keyword) {
  args.options.lexicon.push_back({.term = std::move(keyword)});
}

bool is_language_code(std::string_view text) {
  return std::ranges::any_of(engine::languages(),
                             [&](const engine::Language& known) { return known.code == text; });
}

}  // namespace katip::app
