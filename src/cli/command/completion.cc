#include "cli/command/completion.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

// All three scripts know, for each path of commands, what may follow and what each flag takes.
// Names of models are asked of katip itself when they are wanted.
// Tested by completion_test.cc, and in real shells by tests/e2e/test_completion.py.
namespace katip::cli {
namespace {

constexpr std::string_view kModels =
    "katip models list 2>/dev/null | sed -n 's/^  \\([a-z0-9][^ ]*\\) .*/\\1/p'";

std::vector<Flag> flags_of(const Command& command, bool is_root) {
  std::vector<Flag> flags = command.flags;
  std::ranges::copy(common_flags(), std::back_inserter(flags));
  if (is_root) {
    flags.push_back({.name = "--version", .help = "show the version"});
  }
  return flags;
}

// Calls `visit` for every command that people see, with its path: "katip", "katip models", ….
void walk(const Command& command, const std::string& path,
          const std::function<void(const Command&, const std::string&)>& visit) {
  visit(command, path);
  for (const Command& child : command.subcommands) {
    if (!child.is_hidden) {
      walk(child, path + " " + std::string(child.name), visit);
    }
  }
}

std::vector<std::string_view> child_names(const Command& command) {
  std::vector<std::string_view> names;
  for (const Command& child : command.subcommands) {
    if (!child.is_hidden) {
      names.push_back(child.name);
    }
  }
  return names;
}

// What bash runs to fill COMPREPLY for a value of this kind.
std::string bash_values(const std::vector<std::string_view>& choices, Completes completes) {
  if (!choices.empty()) {
    return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", fmt::join(choices, " "));
  }
  switch (completes) {
    case Completes::kFile:
      return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Completes::kFolder:
      return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\"))";
    case Completes::kModel:
      return fmt::format("COMPREPLY=($(compgen -W \"$({})\" -- \"$cur\"))", kModels);
    case Completes::kNothing:
    case Completes::kShell:
      break;
  }
  return ":";
}

std::string bash_case(const Command& command, const std::string& path, bool is_root) {
  std::string text = fmt::format("    '{}')\n", path);
  std::vector<std::string_view> names;
  text += "      case $prev in\n";
  for (const Flag& flag : flags_of(command, is_root)) {
    names.push_back(flag.name);
    if (!flag.value_name.empty()) {
      text += fmt::format("        {}{}) {}; return ;;\n", flag.name,
                          flag.short_name.empty() ? "" : fmt::format("|{}", flag.short_name),
                          bash_values(flag.choices, flag.completes));
    }
  }
  text += "      esac\n";
  text +=
      fmt::format("      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '{}' -- \"$cur\"))\n",
                  fmt::join(names, " "));
  std::string otherwise = ":";
  if (!command.subcommands.empty()) {
    otherwise = bash_values(child_names(command), Completes::kNothing);
  } else if (!command.positional.name.empty()) {
    otherwise = bash_values(command.positional.choices, command.positional.completes);
  }
  return text + fmt::format("      else {}\n      fi ;;\n", otherwise);
}

// In zsh's descriptions a colon ends a field, brackets end the text, and the whole is quoted.
std::string zsh_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result;
}

std::string zsh_values(const std::vector<std::string_view>& choices, Completes completes) {
  if (!choices.empty()) {
    return fmt::format("({})", fmt::join(choices, " "));
  }
  switch (completes) {
    case Completes::kFile:
      return "_files";
    case Completes::kFolder:
      return "_files -/";
    case Completes::kModel:
      return "_katip_models";
    case Completes::kNothing:
    case Completes::kShell:
      break;
  }
  return "";
}

std::string zsh_flag(const Flag& flag) {
  std::string text = flag.is_repeatable ? "'*" : "'";
  if (!flag.short_name.empty()) {
    text = fmt::format("'({0} {1})'{{{0},{1}}}'", flag.short_name, flag.name);
  } else {
    text += flag.name;
  }
  text += fmt::format("[{}]", zsh_escaped(flag.help));
  if (!flag.value_name.empty()) {
    text += fmt::format(":{}:{}", zsh_escaped(flag.value_name),
                        zsh_values(flag.choices, flag.completes));
  }
  return text + "'";
}

std::string function_name(std::string path) {
  std::ranges::replace(path, ' ', '_');
  std::ranges::replace(path, '-', '_');
  return "_" + path;
}

std::string zsh_function(const Command& command, const std::string& path, bool is_root) {
  std::string text = fmt::format("{}() {{\n", function_name(path));
  const bool has_children = !command.subcommands.empty();
  if (has_children) {
    text += "  local line state\n";
  }
  text += "  _arguments -C";
  for (const Flag& flag : flags_of(command, is_root)) {
    text += " \\\n    " + zsh_flag(flag);
  }
  if (!has_children) {
    if (!command.positional.name.empty()) {
      text += fmt::format(" \\\n    '*:{}:{}'", zsh_escaped(command.positional.name),
                          zsh_values(command.positional.choices, command.positional.completes));
    }
    return text + "\n}\n";
  }
  text += " \\\n    '1: :->command' '*::argument:->arguments'\n  case $state in\n";
  text += "    command) local -a commands=(";
  for (const Command& child : command.subcommands) {
    if (!child.is_hidden) {
      text += fmt::format("\n      '{}:{}'", child.name, zsh_escaped(child.summary));
    }
  }
  text += ")\n      _describe command commands ;;\n    arguments) case $line[1] in\n";
  for (const std::string_view child : child_names(command)) {
    text += fmt::format("      {}) {} ;;\n", child, function_name(path + " " + std::string(child)));
  }
  return text + "      esac ;;\n  esac\n}\n";
}

std::string fish_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result + "'";
}

std::string fish_values(const std::vector<std::string_view>& choices, Completes completes) {
  if (!choices.empty()) {
    return fmt::format(" -x -a {}", fish_quoted(fmt::format("{}", fmt::join(choices, " "))));
  }
  switch (completes) {
    case Completes::kFile:
      return " -r -F";
    case Completes::kFolder:
      return " -x -a '(__fish_complete_directories)'";
    case Completes::kModel:
      return fmt::format(" -x -a {}", fish_quoted(fmt::format("({})", kModels)));
    case Completes::kNothing:
    case Completes::kShell:
      break;
  }
  return " -x";
}

// The test that fish runs: are these the commands that stand in the line so far?
std::string fish_condition(const Command& command, const std::string& path) {
  const std::size_t space = path.find(' ');
  const std::string words = space == std::string::npos ? "" : path.substr(space + 1);
  std::string condition = fmt::format("__katip_is {}", fish_quoted(words));
  if (!command.subcommands.empty()) {
    condition += fmt::format("; and not __fish_seen_subcommand_from {}",
                             fmt::join(child_names(command), " "));
  }
  return fish_quoted(condition);
}

std::string fish_lines(const Command& command, const std::string& path, bool is_root) {
  const std::string start = fmt::format("complete -c katip -n {}", fish_condition(command, path));
  std::string text;
  for (const Command& child : command.subcommands) {
    if (!child.is_hidden) {
      text += fmt::format("{} -f -a {} -d {}\n", start, child.name, fish_quoted(child.summary));
    }
  }
  for (const Flag& flag : flags_of(command, is_root)) {
    text += fmt::format("{} -l {}", start, flag.name.substr(2));
    if (!flag.short_name.empty()) {
      text += fmt::format(" -s {}", flag.short_name.substr(1));
    }
    if (!flag.value_name.empty()) {
      text += fish_values(flag.choices, flag.completes);
    }
    text += fmt::format(" -d {}\n", fish_quoted(flag.help));
  }
  if (!command.positional.name.empty() && command.positional.completes != Completes::kFile) {
    text += start + " -f\n" + start +
            fish_values(command.positional.choices, command.positional.completes) + "\n";
  }
  return text;
}

}  // namespace

std::string bash_completion(const Command& root) {
  std::string paths;
  std::string cases;
  walk(root, std::string(root.name), [&](const Command& command, const std::string& path) {
    paths += fmt::format("'{}' ", path);
    cases += bash_case(command, path, &command == &root);
  });
  return "# bash completion for katip; made by `katip completion bash`\n"
         "_katip() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path=katip word\n"
         "  COMPREPLY=()\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \" " +
         paths +
         "\" in *\"'$path $word'\"*) path+=\" $word\" ;; esac\n"
         "  done\n"
         "  case $path in\n" +
         cases +
         "  esac\n"
         "}\n"
         "complete -F _katip katip\n";
}

std::string zsh_completion(const Command& root) {
  std::string text = "#compdef katip\n# zsh completion for katip; made by `katip completion zsh`\n";
  text += fmt::format(
      "_katip_models() {{ local -a models=(${{(f)\"$({})\"}}); "
      "_describe model models }}\n",
      kModels);
  walk(root, std::string(root.name), [&](const Command& command, const std::string& path) {
    text += zsh_function(command, path, &command == &root);
  });
  // Sourced, it registers itself; as a file of $fpath it is called at once.
  return text +
         "if [[ $funcstack[1] == _katip ]]; then _katip \"$@\"; else compdef _katip katip; "
         "fi\n";
}

std::string fish_completion(const Command& root) {
  std::string text =
      "# fish completion for katip; made by `katip completion fish`\n"
      "function __katip_is\n"
      "  set -l words (commandline -opc)\n"
      "  set -e words[1]\n"
      "  set -l plain\n"
      "  for word in $words\n"
      "    string match -q -- '-*' $word; and continue\n"
      "    set -a plain $word\n"
      "  end\n"
      "  test -z \"$argv[1]\"; and return 0\n"
      "  string match -q -- \"$argv[1]*\" (string join ' ' $plain)\n"
      "end\n";
  walk(root, std::string(root.name), [&](const Command& command, const std::string& path) {
    text += fish_lines(command, path, &command == &root);
  });
  return text;
}

}  // namespace katip::cli
