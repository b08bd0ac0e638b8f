#include "cli/command/parser.h"

#include <algorithm>
#include <deque>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/assert.h"
#include "base/suggestion.h"

// The only unit that sees CLI11: it builds its tree from ours, lets it read the words, and looks at
// what is left over, because a suggestion is better than "was not expected".
// Tested by parser_test.cc.
namespace katip::cli {
namespace {

struct Node {
  const Command* command = nullptr;
  CLI::App* app = nullptr;
  std::map<std::string, CLI::Option*> options;  // By our flag name.
  CLI::Option* positional = nullptr;
  std::deque<Node> children;
};

std::vector<Flag> all_flags(const Command& command, bool is_root) {
  std::vector<Flag> flags = command.flags;
  std::ranges::copy(common_flags(), std::back_inserter(flags));
  if (is_root) {
    flags.push_back({.name = "--version", .help = "show the version"});
  }
  return flags;
}

// A switch of the option table can be taken back: --words, --no-words.
bool is_switch(const Flag& flag) { return flag.value_name.empty() && !flag.option_key.empty(); }

void add_flag(Node& node, const Flag& flag) {
  std::string names(flag.name);
  if (!flag.short_name.empty()) {
    names += "," + std::string(flag.short_name);
  }
  const std::string name(flag.name);
  if (!flag.value_name.empty()) {
    node.options[name] = node.app->add_option(names)->expected(1)->multi_option_policy(
        flag.is_repeatable ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast);
    return;
  }
  node.options[name] = node.app->add_flag(names);
  if (is_switch(flag)) {
    const std::string negative = "--no-" + name.substr(2);
    node.options[negative] = node.app->add_flag(negative);
  }
}

void build(Node& node, const Command& command, CLI::App* app, bool is_root) {
  node.command = &command;
  node.app = app;
  app->set_help_flag();
  app->allow_extras();
  app->require_subcommand(0, 1);
  app->fallthrough(false);
  for (const Flag& flag : all_flags(command, is_root)) {
    add_flag(node, flag);
  }
  if (!command.positional.name.empty()) {
    // Under a name of our own: those that people read, such as FILE|DIR, are no names to CLI11.
    node.positional = app->add_option("words")
                          ->expected(0, CLI::detail::expected_max_vector_size)
                          ->allow_extra_args();
  }
  for (const Command& child : command.subcommands) {
    build(node.children.emplace_back(), child, app->add_subcommand(std::string(child.name)), false);
  }
}

// What people try first in a program they do not know: `katip help models`, `katip version`.
std::vector<std::string> with_usual_words(std::vector<std::string> words) {
  if (!words.empty() && words.front() == "help") {
    words.front() = "--help";
    std::ranges::rotate(words, words.begin() + 1);
  } else if (words == std::vector<std::string>{"version"}) {
    words.front() = "--version";
  }
  return words;
}

// No flag begins with a digit, so `-1` is an argument (`katip migrate downgrade -1`). CLI11 takes
// it for a flag unless something stands in front.
constexpr char kGuard = '\x1f';

std::string guarded(const std::string& word) {
  const bool is_number = word.size() > 1 && word[0] == '-' && word[1] >= '0' && word[1] <= '9';
  return is_number ? kGuard + word : word;
}

std::vector<std::string> unguarded(std::vector<std::string> words) {
  for (std::string& word : words) {
    if (word.starts_with(kGuard)) {
      word.erase(0, 1);
    }
  }
  return words;
}

// The nodes that were chosen, from the root down.
std::vector<const Node*> chosen_path(const Node& root) {
  std::vector<const Node*> path = {&root};
  while (true) {
    const auto& children = path.back()->children;
    const auto next = std::ranges::find_if(children, [](const Node& n) { return n.app->parsed(); });
    if (next == children.end()) {
      return path;
    }
    path.push_back(&*next);
  }
}

std::unexpected<Error> wrong(const std::vector<const Command*>& path, const std::string& message) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} (see `{} --help`)", message, full_name(path)));
}

std::vector<std::string> flag_names(const Command& command, bool is_root) {
  std::vector<std::string> names;
  for (const Flag& flag : all_flags(command, is_root)) {
    names.emplace_back(flag.name);
    if (is_switch(flag)) {
      names.push_back("--no-" + std::string(flag.name.substr(2)));
    }
  }
  return names;
}

Status check_extras(const std::vector<const Node*>& nodes,
                    const std::vector<const Command*>& path) {
  std::vector<std::string> extras;
  for (const Node* node : nodes) {
    std::ranges::move(node->app->remaining(), std::back_inserter(extras));
  }
  if (extras.empty()) {
    return {};
  }
  const Command& command = *path.back();
  const std::string word = unguarded(extras).front();
  if (word.starts_with('-') && word != "-") {
    const std::string name = word.substr(0, word.find('='));
    return wrong(path,
                 fmt::format("there is no flag {}.{}", name,
                             did_you_mean(nearest(name, flag_names(command, path.size() == 1)))));
  }
  if (!command.subcommands.empty()) {
    std::vector<std::string> names;
    for (const Command& child : command.subcommands) {
      if (!child.is_hidden) {
        names.emplace_back(child.name);
      }
    }
    return wrong(
        path, fmt::format("there is no command `{}`.{}", word, did_you_mean(nearest(word, names))));
  }
  return wrong(path, fmt::format("`{}` is one argument too many", word));
}

Status check_choice(const std::vector<const Command*>& path, std::string_view name,
                    const std::vector<std::string_view>& choices, const std::string& value) {
  if (choices.empty() || std::ranges::find(choices, value) != choices.end()) {
    return {};
  }
  return wrong(path, fmt::format("{}: `{}` is none of {}.{}", name, value, fmt::join(choices, ", "),
                                 did_you_mean(nearest(value, std::span(choices)))));
}

// Values of settings have rules of their own. They are looked at here already, because a value that
// was forgotten (`--vad talk.mp3`) eats a file, and "FILE is missing" would not tell why.
Status check_value(const std::vector<const Command*>& path, const Flag& flag,
                   const std::string& value) {
  if (flag.option_key.empty()) {
    return check_choice(path, flag.name, flag.choices, value);
  }
  const OptionSpec* option = find_option(flag.option_key);
  KATIP_ASSERT(option != nullptr);
  const Result<std::string> checked = normalise_value(*option, value);
  return checked ? Status{}
                 : wrong(path, fmt::format("{}: {}", flag.name, checked.error().message));
}

Status collect_flags(const Node& node, const std::vector<const Command*>& path, bool is_root,
                     Arguments& arguments) {
  for (const Flag& flag : all_flags(*node.command, is_root)) {
    const std::string name(flag.name);
    const CLI::Option& option = *node.options.at(name);
    if (is_switch(flag)) {
      const std::string negative = "--no-" + name.substr(2);
      const bool is_negative = node.options.at(negative)->count() > 0;
      if (is_negative && option.count() > 0) {
        return wrong(path, fmt::format("{} and {} exclude each other", name, negative));
      }
      if (is_negative || option.count() > 0) {
        arguments.flags[name] = {is_negative ? "off" : "on"};
      }
    } else if (option.count() > 0) {
      const auto values = flag.value_name.empty()
                              ? std::vector<std::string>()
                              : unguarded(option.as<std::vector<std::string>>());
      for (const std::string& value : values) {
        KATIP_TRY(check_value(path, flag, value));
      }
      arguments.flags[name] = values;
    }
  }
  return {};
}

Status check_positionals(const std::vector<const Command*>& path,
                         const std::vector<std::string>& words) {
  const Positional& wanted = path.back()->positional;
  const auto count = static_cast<int>(words.size());
  if (count < wanted.count_min) {
    return wrong(path, fmt::format("an argument is missing: {}", wanted.name));
  }
  if (count > wanted.count_max) {
    return wrong(path, fmt::format("`{}` is one argument too many",
                                   words[static_cast<std::size_t>(wanted.count_max)]));
  }
  for (const std::string& word : words) {
    KATIP_TRY(check_choice(path, wanted.name, wanted.choices, word));
  }
  return {};
}

}  // namespace

Result<Invocation> parse_command_line(const Command& root, const std::vector<std::string>& typed) {
  const std::vector<std::string> words = with_usual_words(typed);
  CLI::App app;
  Node tree;
  build(tree, root, &app, true);
  std::optional<std::string> fault;
  // Behind `--` everything is an argument; CLI11 would look for commands and flags there.
  const auto separator = std::ranges::find(words, "--");
  try {
    std::vector<std::string> reversed;
    std::transform(words.begin(), separator, std::back_inserter(reversed), guarded);
    std::ranges::reverse(reversed);  // As CLI11 wants them.
    app.parse(std::move(reversed));
  } catch (const CLI::Error& error) {
    fault = error.what();
  }
  const std::vector<const Node*> nodes = chosen_path(tree);
  Invocation invocation;
  for (const Node* node : nodes) {
    invocation.path.push_back(node->command);
  }
  if (fault) {
    return wrong(invocation.path, *fault);
  }
  for (const Node* node : nodes) {
    KATIP_TRY(collect_flags(*node, invocation.path, node == nodes.front(), invocation.arguments));
  }
  invocation.wants_help = invocation.arguments.has("--help");
  invocation.wants_version = invocation.arguments.has("--version");
  if (invocation.wants_help || invocation.wants_version) {
    return invocation;
  }
  KATIP_TRY(check_extras(nodes, invocation.path));
  const Node& last = *nodes.back();
  if (last.positional != nullptr && last.positional->count() > 0) {
    invocation.arguments.positionals = unguarded(last.positional->as<std::vector<std::string>>());
  }
  if (separator != words.end()) {
    invocation.arguments.positionals.insert(invocation.arguments.positionals.end(), separator + 1,
                                            words.end());
  }
  if (last.command->run != nullptr) {
    KATIP_TRY(check_positionals(invocation.path, invocation.arguments.positionals));
  }
  return invocation;
}

std::string full_name(const std::vector<const Command*>& path) {
  std::string name;
  for (const Command* command : path) {
    name += (name.empty() ? "" : " ") + std::string(command->name);
  }
  return name;
}

}  // namespace katip::cli
