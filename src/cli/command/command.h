#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/config/option_table.h"

/// What a command looks like from outside, as data: the parser, the help and the completions are
/// all made from it, so that none can fall behind another.
namespace katip::cli {

struct Session;

/// What a shell offers for a value.
enum class Completes { kNothing, kFile, kFolder, kModel, kShell };

struct Flag {
  std::string_view name;             ///< "--beam".
  std::string_view short_name = {};  ///< "-b"; empty when there is none.
  std::string_view value_name = {};  ///< "N"; empty for one that takes no value.
  std::string_view help = {};
  std::vector<std::string_view> choices = {};
  Completes completes = Completes::kNothing;
  bool is_repeatable = false;
  std::string_view option_key = {};  ///< The setting it stands for; empty for one of its own.
};

struct Positional {
  std::string_view name = {};  ///< "FILE"; empty when the command takes none.
  std::string_view help = {};
  int count_min = 0;
  int count_max = 0;
  Completes completes = Completes::kNothing;
  std::vector<std::string_view> choices = {};
};

/// What was typed, checked against the command.
struct Arguments {
  std::map<std::string, std::vector<std::string>, std::less<>> flags;  ///< By name with dashes.
  std::vector<std::string> positionals;

  [[nodiscard]] bool has(std::string_view flag) const { return flags.contains(flag); }
  /// The last value given, or nothing.
  [[nodiscard]] std::string value(std::string_view flag, std::string otherwise = "") const;
  [[nodiscard]] std::vector<std::string> values(std::string_view flag) const;
};

struct Command {
  std::string_view name;
  std::string_view summary = {};  ///< One line, no full stop.
  std::string_view details = {};  ///< Paragraphs below the usage; may be empty.
  std::vector<Flag> flags = {};
  Positional positional = {};
  std::vector<std::string_view> examples = {};  ///< Without the prompt.
  std::vector<Command> subcommands = {};
  /// Does it; gives the exit code. Null for one that only has subcommands.
  int (*run)(const Arguments&, Session&) = nullptr;
  bool is_hidden = false;  ///< For programs, not for people: not in help or completions.
};

/// The flag of a setting, with the help and the choices of the option table.
Flag flag_of(std::string_view option_key, Completes completes = Completes::kNothing);

/// The help of every flag that all commands share, --help first.
std::vector<Flag> common_flags();

}  // namespace katip::cli
