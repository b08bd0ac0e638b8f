#include "cli/config/option_table.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/suggestion.h"

namespace katip::cli {
namespace {

using enum OptionKind;

const std::vector<OptionSpec>& table() {
  static const std::vector<OptionSpec> options = {
      {.key = "storage.data",
       .kind = kPath,
       .default_value = "",
       .environment = "KATIP_DATA",
       .flag = "--data",
       .value_name = "DIR",
       .help = "folder of everything katip keeps; empty: ~/.local/share/katip"},
      {.key = "storage.models",
       .kind = kPath,
       .default_value = "",
       .environment = "KATIP_MODELS",
       .flag = "--models",
       .value_name = "DIR",
       .help = "folder of the models; empty: models in the data folder"},
      {.key = "storage.cache",
       .kind = kPath,
       .default_value = "",
       .environment = "KATIP_CACHE",
       .flag = "",
       .value_name = "DIR",
       .help = "folder of compiled models, which start faster; empty: none is kept"},

      {.key = "engine.model",
       .kind = kText,
       .default_value = "base",
       .environment = "KATIP_MODEL",
       .flag = "--model",
       .value_name = "NAME|DIR",
       .help = "model by name (see `katip models list`) or folder"},
      {.key = "engine.precision",
       .kind = kChoice,
       .default_value = "int8",
       .environment = "KATIP_PRECISION",
       .flag = "--precision",
       .value_name = "KIND",
       .help = "int8 is fast, float32 is the reference",
       .choices = {"int8", "float32"}},
      {.key = "engine.threads",
       .kind = kInteger,
       .default_value = "0",
       .environment = "KATIP_THREADS",
       .flag = "--threads",
       .value_name = "N",
       .help = "threads of the engine; 0: one for each core",
       .minimum = 0,
       .maximum = 1024},
      {.key = "engine.cpu",
       .kind = kChoice,
       .default_value = "auto",
       .environment = "KATIP_CPU",
       .flag = "",
       .value_name = "KIND",
       .help = "instruction set of the kernels",
       .choices = {"auto", "scalar", "avx2", "avx512"}},

      {.key = "transcribe.language",
       .kind = kText,
       .default_value = "auto",
       .environment = "KATIP_LANGUAGE",
       .flag = "--language",
       .value_name = "NAME",
       .help = "language spoken, by code or English name; auto: detect it"},
      {.key = "transcribe.languages",
       .kind = kList,
       .default_value = "",
       .environment = "KATIP_LANGUAGES",
       .flag = "--languages",
       .value_name = "LIST",
       .help = "languages that detection may choose from; empty: all"},
      {.key = "transcribe.translate",
       .kind = kSwitch,
       .default_value = "off",
       .environment = "KATIP_TRANSLATE",
       .flag = "--translate",
       .value_name = "",
       .help = "write English whatever is spoken"},
      {.key = "transcribe.beam",
       .kind = kInteger,
       .default_value = "5",
       .environment = "KATIP_BEAM",
       .flag = "--beam",
       .value_name = "N",
       .help = "hypotheses kept while decoding; 1 is greedy and fastest",
       .minimum = 1,
       .maximum = 10},
      {.key = "transcribe.best_of",
       .kind = kInteger,
       .default_value = "5",
       .environment = "KATIP_BEST_OF",
       .flag = "--best-of",
       .value_name = "N",
       .help = "samples at temperatures above 0",
       .minimum = 1,
       .maximum = 10},
      {.key = "transcribe.temperature",
       .kind = kList,
       .default_value = "0,0.2,0.4,0.6,0.8,1",
       .environment = "KATIP_TEMPERATURE",
       .flag = "--temperature",
       .value_name = "LIST",
       .help = "tried in turn for a window whose text looks wrong"},
      {.key = "transcribe.compression_ratio_max",
       .kind = kNumber,
       .default_value = "2.4",
       .environment = "KATIP_COMPRESSION_RATIO_MAX",
       .flag = "--compression-ratio-max",
       .value_name = "X",
       .help = "text that repeats itself more is decoded again",
       .minimum = 1,
       .maximum = 100},
      {.key = "transcribe.average_log_probability_min",
       .kind = kNumber,
       .default_value = "-1",
       .environment = "KATIP_AVERAGE_LOG_PROBABILITY_MIN",
       .flag = "--average-log-probability-min",
       .value_name = "X",
       .help = "text less probable than this is decoded again",
       .minimum = -100,
       .maximum = 0.001},
      {.key = "transcribe.no_speech_probability_max",
       .kind = kNumber,
       .default_value = "0.6",
       .environment = "KATIP_NO_SPEECH_PROBABILITY_MAX",
       .flag = "--no-speech-probability-max",
       .value_name = "X",
       .help = "windows more likely silent than this give no text",
       .minimum = 0,
       .maximum = 1},
      {.key = "transcribe.vad",
       .kind = kChoice,
       .default_value = "on",
       .environment = "KATIP_VAD",
       .flag = "--vad",
       .value_name = "on|off",
       .help = "find speech first and skip silence",
       .choices = {"on", "off"}},
      {.key = "transcribe.vad_threshold",
       .kind = kNumber,
       .default_value = "0.5",
       .environment = "KATIP_VAD_THRESHOLD",
       .flag = "--vad-threshold",
       .value_name = "X",
       .help = "probability from which on a sound is speech",
       .minimum = 0.01,
       .maximum = 0.99},
      {.key = "transcribe.words",
       .kind = kSwitch,
       .default_value = "off",
       .environment = "KATIP_WORDS",
       .flag = "--words",
       .value_name = "",
       .help = "time each word"},
      {.key = "transcribe.prompt",
       .kind = kText,
       .default_value = "",
       .environment = "KATIP_PROMPT",
       .flag = "--prompt",
       .value_name = "TEXT",
       .help = "text thought to come before the recording: style and spelling"},
      {.key = "transcribe.condition_on_previous_text",
       .kind = kSwitch,
       .default_value = "off",
       .environment = "KATIP_CONDITION_ON_PREVIOUS_TEXT",
       .flag = "--condition-on-previous-text",
       .value_name = "",
       .help = "show each window the text before it; slower"},
      {.key = "transcribe.lexicon",
       .kind = kPath,
       .default_value = "",
       .environment = "KATIP_LEXICON",
       .flag = "--lexicon",
       .value_name = "FILE",
       .help = "names and terms to expect, one a line"},
      {.key = "transcribe.channels",
       .kind = kChoice,
       .default_value = "mix",
       .environment = "KATIP_CHANNELS",
       .flag = "--channels",
       .value_name = "mix|separate",
       .help = "separate transcribes each channel by itself and labels it",
       .choices = {"mix", "separate"}},
      {.key = "transcribe.format",
       .kind = kList,
       .default_value = "txt",
       .environment = "KATIP_FORMAT",
       .flag = "--format",
       .value_name = "LIST",
       .help = "kinds of output",
       .choices = {"txt", "srt", "vtt", "json", "tsv", "lrc", "md", "docx"}},
      {.key = "transcribe.parallel",
       .kind = kInteger,
       .default_value = "4",
       .environment = "KATIP_PARALLEL",
       .flag = "--parallel",
       .value_name = "N",
       .help = "files read at once; they share one batch",
       .minimum = 1,
       .maximum = 64},

      {.key = "subtitles.line_width_max",
       .kind = kInteger,
       .default_value = "42",
       .environment = "KATIP_SUBTITLES_LINE_WIDTH_MAX",
       .flag = "--max-line-width",
       .value_name = "N",
       .help = "characters in a line of a subtitle",
       .minimum = 10,
       .maximum = 1000},
      {.key = "subtitles.line_count_max",
       .kind = kInteger,
       .default_value = "2",
       .environment = "KATIP_SUBTITLES_LINE_COUNT_MAX",
       .flag = "--max-line-count",
       .value_name = "N",
       .help = "lines in a subtitle",
       .minimum = 1,
       .maximum = 10},
      {.key = "subtitles.characters_per_second_max",
       .kind = kNumber,
       .default_value = "20",
       .environment = "KATIP_SUBTITLES_CHARACTERS_PER_SECOND_MAX",
       .flag = "--max-cps",
       .value_name = "X",
       .help = "reading speed that subtitles keep to where they can",
       .minimum = 1,
       .maximum = 1000},

      {.key = "remote.hf_endpoint",
       .kind = kText,
       .default_value = "https://huggingface.co",
       .environment = "HF_ENDPOINT",
       .flag = "",
       .value_name = "URL",
       .help = "where `models pull` finds Hugging Face repositories, or a mirror of them"},
      {.key = "remote.hf_token",
       .kind = kSecret,
       .default_value = "",
       .environment = "HF_TOKEN",
       .flag = "",
       .value_name = "TOKEN",
       .help = "token for repositories that are not open"},
      {.key = "remote.ca_file",
       .kind = kPath,
       .default_value = "",
       .environment = "SSL_CERT_FILE",
       .flag = "",
       .value_name = "FILE",
       .help = "certificates to trust; empty: those of the system"},

      {.key = "log.level",
       .kind = kChoice,
       .default_value = "info",
       .environment = "KATIP_LOG_LEVEL",
       .flag = "",
       .value_name = "LEVEL",
       .help = "least important message that is shown",
       .choices = {"info", "warning", "error"}},
  };
  return options;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return result;
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // A NaN would pass every comparison with the limits.
  const bool is_good = error == std::errc{} && end == text.data() + text.size() && value == value;
  return is_good ? std::optional(value) : std::nullopt;
}

Result<std::string> normalise_number(const OptionSpec& option, std::string_view text) {
  const std::optional<double> value = parse_number(text);
  const bool is_whole = value && *value == static_cast<double>(static_cast<long long>(*value));
  const bool has_limits = option.minimum != 0 || option.maximum != 0;
  if (!value ||
      (option.kind == kInteger && (text.find_first_of(".eE") != text.npos || !is_whole)) ||
      (has_limits && (*value < option.minimum || *value > option.maximum))) {
    const std::string_view what = option.kind == kInteger ? "a whole number" : "a number";
    return fail(ErrorCode::kInvalidArgument, has_limits
                                                 ? fmt::format("`{}` is not {} from {} to {}", text,
                                                               what, option.minimum, option.maximum)
                                                 : fmt::format("`{}` is not {}", text, what));
  }
  return std::string(text);
}

Result<std::string> normalise_choice(const OptionSpec& option, std::string_view text) {
  std::string value = lower(text);
  if (std::ranges::find(option.choices, value) == option.choices.end()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("`{}` is none of {}.{}", text, fmt::join(option.choices, ", "),
                            did_you_mean(nearest(value, std::span(option.choices)))));
  }
  return value;
}

Result<std::string> normalise_switch(std::string_view text) {
  const std::string value = lower(text);
  if (value == "on" || value == "true" || value == "yes" || value == "1") {
    return std::string("on");
  }
  if (value == "off" || value == "false" || value == "no" || value == "0") {
    return std::string("off");
  }
  return fail(ErrorCode::kInvalidArgument, fmt::format("`{}` is neither on nor off", text));
}

}  // namespace

std::span<const OptionSpec> option_table() { return table(); }

const OptionSpec* find_option(std::string_view key) {
  const auto found = std::ranges::find(table(), key, &OptionSpec::key);
  return found == table().end() ? nullptr : &*found;
}

Result<std::string> normalise_value(const OptionSpec& option, std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument, "the value holds a zero byte");
  }
  switch (option.kind) {
    case kText:
    case kPath:
    case kSecret:
      return std::string(text);
    case kInteger:
    case kNumber:
      return normalise_number(option, text);
    case kSwitch:
      return normalise_switch(text);
    case kChoice:
      return normalise_choice(option, text);
    case kList:
      break;
  }
  std::vector<std::string> parts = split_list(text);
  if (!option.choices.empty()) {
    for (std::string& part : parts) {
      part = KATIP_TRY(normalise_choice(option, part));
    }
  }
  return fmt::format("{}", fmt::join(parts, ","));
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t first = part.find_first_not_of(" \t");
    if (first != std::string_view::npos) {
      parts.emplace_back(part.substr(first, part.find_last_not_of(" \t") - first + 1));
    }
  }
  return parts;
}

}  // namespace katip::cli
