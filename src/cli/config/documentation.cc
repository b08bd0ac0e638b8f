#include "cli/config/documentation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/config/option_table.h"
#include "cli/config/security_check.h"

namespace katip::cli {
namespace {

std::string allowed(const OptionSpec& option) {
  if (!option.choices.empty()) {
    return fmt::format("{}", fmt::join(option.choices, ", "));
  }
  if (option.minimum != 0 || option.maximum != 0) {
    return fmt::format("{} to {}", option.minimum, option.maximum);
  }
  return option.kind == OptionKind::kSwitch ? "on, off" : "";
}

std::string code(std::string_view text) { return text.empty() ? "" : fmt::format("`{}`", text); }

std::string_view section_of(const OptionSpec& option) {
  return option.key.substr(0, option.key.find('.'));
}

void append_intro(std::string& text, std::string_view environment_name) {
  if (environment_name == "example") {
    text += "# Every variable that katip knows, with its default. Copy what you need.\n";
  } else {
    text += fmt::format("# katip, environment `{}`: every variable that katip knows.\n",
                        environment_name);
  }
  text +=
      "# What is commented out has its default. Checked by: katip config check --env-file FILE\n"
      "# docs/configuration.md explains each one.\n\n";
  const std::string_view name = environment_name == "example" ? "development" : environment_name;
  text += fmt::format(
      "# which sections of katip.toml hold: development, staging or production\n"
      "# (ENVIRONMENT is an alias)\n{}KATIP_ENV={}\n",
      environment_name == "example" ? "# " : "", name);
  text +=
      "# configuration file; empty: katip.toml here, in ~/.config/katip or in /etc/katip\n"
      "# KATIP_CONFIG=\n";
}

}  // namespace

std::string options_as_markdown() {
  std::string text;
  std::string_view section;
  for (const OptionSpec& option : option_table()) {
    if (section_of(option) != section) {
      section = section_of(option);
      text += fmt::format(
          "\n### [{}]\n\n| key | default | environment | flag | meaning | allowed |\n"
          "| --- | --- | --- | --- | --- | --- |\n",
          section);
    }
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", code(option.key),
                        code(option.default_value), code(option.environment), code(option.flag),
                        option.help, allowed(option));
  }
  text +=
      "\n### Variables of the check list\n\n| variable | alias | meaning |\n| --- | --- | --- |\n";
  for (const ServerVariable& variable : server_variables()) {
    text +=
        fmt::format("| {} | {} | {} |\n", code(variable.name), code(variable.alias), variable.help);
  }
  return text + "\n";
}

std::string environment_file(std::string_view environment_name) {
  std::string text;
  append_intro(text, environment_name);
  std::string_view section;
  for (const OptionSpec& option : option_table()) {
    if (section_of(option) != section) {
      section = section_of(option);
      text += fmt::format("\n# --- {}\n", section);
    }
    const std::string limits = allowed(option);
    text += fmt::format("# {}{}\n# {}={}\n", option.help,
                        limits.empty() ? "" : fmt::format(" ({})", limits), option.environment,
                        option.default_value);
  }
  text += "\n# --- the check list of `katip config check`\n";
  const bool is_example = environment_name == "example";
  for (const ServerVariable& variable : server_variables()) {
    const std::string_view value = is_example                          ? ""
                                   : environment_name == "development" ? variable.development
                                                                       : variable.production;
    text += fmt::format("# {}{}\n{}{}={}\n", variable.help,
                        variable.alias.empty() ? "" : fmt::format(" (alias {})", variable.alias),
                        value.empty() ? "# " : "", variable.name, value);
  }
  return text;
}

}  // namespace katip::cli
