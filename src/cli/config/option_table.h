#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// Every setting of katip, declared once. The file, the environment, the flags, `config show`,
/// docs/configuration.md and the .env files all follow this table; tests compare them with it.
namespace katip::cli {

enum class OptionKind {
  kText,
  kPath,
  kInteger,
  kNumber,
  kSwitch,  ///< on or off; true, false, yes, no, 1 and 0 are understood too.
  kChoice,  ///< One of `choices`.
  kList,    ///< Texts separated by commas; each one of `choices` when there are some.
  kSecret,  ///< A text that is never shown.
};

struct OptionSpec {
  std::string_view key;  ///< "engine.model": section and name in katip.toml.
  OptionKind kind = OptionKind::kText;
  std::string_view default_value;  ///< As it would be written in the environment; may be empty.
  std::string_view environment;    ///< "KATIP_MODEL".
  std::string_view flag;           ///< "--model"; empty when there is none.
  std::string_view value_name;     ///< "NAME": what stands for the value in help.
  std::string_view help;           ///< One line, no full stop; the unit in words.
  std::span<const std::string_view> choices = {};
  double minimum = 0;  ///< Of numbers; no limits when both are 0.
  double maximum = 0;
};

/// In the order of the documentation: section by section.
std::span<const OptionSpec> option_table();

/// The entry of a key, or nullptr.
const OptionSpec* find_option(std::string_view key);

/// The text in its normal form ("ON" -> "on"), or why it is not a value of this option.
///
/// Errors: kInvalidArgument, with what is allowed and a suggestion; never shows a secret.
Result<std::string> normalise_value(const OptionSpec& option, std::string_view text);

/// The parts of a list value, trimmed, empty ones left out.
std::vector<std::string> split_list(std::string_view text);

}  // namespace katip::cli
