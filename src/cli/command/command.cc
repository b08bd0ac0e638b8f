#include "cli/command/command.h"

#include "base/assert.h"

namespace katip::cli {

std::string Arguments::value(std::string_view flag, std::string otherwise) const {
  const auto found = flags.find(flag);
  return found == flags.end() || found->second.empty() ? otherwise : found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view flag) const {
  const auto found = flags.find(flag);
  return found == flags.end() ? std::vector<std::string>() : found->second;
}

Flag flag_of(std::string_view option_key, Completes completes) {
  const OptionSpec* option = find_option(option_key);
  KATIP_ASSERT(option != nullptr && !option->flag.empty());
  if (completes == Completes::kNothing && option->kind == OptionKind::kPath) {
    completes = option->value_name == "DIR" ? Completes::kFolder : Completes::kFile;
  }
  return {.name = option->flag,
          .value_name = option->value_name,
          .help = option->help,
          .choices = {option->choices.begin(), option->choices.end()},
          .completes = completes,
          .option_key = option_key};
}

std::vector<Flag> common_flags() {
  return {
      {.name = "--help", .short_name = "-h", .help = "show this help"},
      {.name = "--config",
       .value_name = "FILE",
       .help = "configuration file instead of the usual ones",
       .completes = Completes::kFile},
      {.name = "--env",
       .value_name = "NAME",
       .help = "environment whose sections of the file hold (KATIP_ENV)",
       .choices = {"development", "staging", "production"}},
      flag_of("storage.data"),
      flag_of("storage.models"),
      {.name = "--quiet", .short_name = "-q", .help = "say nothing but errors"},
  };
}

}  // namespace katip::cli
