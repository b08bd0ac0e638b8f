#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/suggestion.h"
#include "base/trimmed.h"
#include "cli/config/option_table.h"

// Tested by settings_test.cc.
namespace katip::cli {
namespace {

using enum OptionKind;

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
  const bool is_good =
      error == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
  return is_good ? std::optional(value) : std::nullopt;
}

Result<std::string> normalise_number(const OptionSpec& option, std::string_view text) {
  const std::optional<double> value = parse_number(text);
  const bool is_whole = value && std::trunc(*value) == *value;
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
                            did_you_mean(nearest(value, option.choices))));
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
    const std::string_view part = trimmed(take_until(text, ','), " \t");
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

}  // namespace katip::cli
