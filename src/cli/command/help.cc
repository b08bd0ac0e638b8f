#include "cli/command/help.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/trimmed.h"
#include "cli/command/parser.h"

// Tested by help_test.cc.
namespace katip::cli {
namespace {

constexpr std::size_t kLabelWidthMax = 34;

struct Row {
  std::string label;
  std::string text;
};

// Breaks `text` at spaces into lines of at most `width` columns, each but the first indented.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string result;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = take_until(text, ' ');
    if (column > 0 && column + 1 + word.size() > width) {
      result += "\n" + std::string(indent, ' ');
      column = 0;
    }
    if (column > 0) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
  }
  return result;
}

void append_rows(std::string& text, std::string_view title, const std::vector<Row>& rows,
                 std::size_t width) {
  if (rows.empty()) {
    return;
  }
  std::size_t label_width = 0;
  for (const Row& row : rows) {
    label_width = std::max(label_width, row.label.size());
  }
  label_width = std::min(label_width, kLabelWidthMax);
  const std::size_t indent = label_width + 4;
  text += fmt::format("\n{}:\n", title);
  for (const Row& row : rows) {
    text += fmt::format("  {:<{}}", row.label, label_width);
    text += row.label.size() > label_width ? "\n" + std::string(indent, ' ') : "  ";
    text += wrapped(row.text, width - indent, indent) + "\n";
  }
}

std::string default_of(const Flag& flag) {
  const OptionSpec* option = flag.option_key.empty() ? nullptr : find_option(flag.option_key);
  const bool is_shown =
      option != nullptr && !option->default_value.empty() && option->kind != OptionKind::kSwitch;
  return is_shown ? fmt::format(" [{}]", option->default_value) : "";
}

std::string choices_of(const Flag& flag) {
  // A value name such as on|off says it already.
  const bool is_said = flag.value_name.find('|') != std::string_view::npos;
  return flag.choices.empty() || is_said ? "" : fmt::format(": {}", fmt::join(flag.choices, ", "));
}

Row row_of(const Flag& flag) {
  std::string label = flag.short_name.empty() ? "    " : fmt::format("{}, ", flag.short_name);
  label += flag.name;
  if (!flag.value_name.empty()) {
    label += fmt::format(" {}", flag.value_name);
  }
  const std::string repeat = flag.is_repeatable ? " (may be repeated)" : "";
  return {std::move(label),
          fmt::format("{}{}{}{}", flag.help, choices_of(flag), repeat, default_of(flag))};
}

std::vector<Row> rows_of(const std::vector<Flag>& flags) {
  std::vector<Row> rows;
  std::ranges::transform(flags, std::back_inserter(rows), row_of);
  return rows;
}

std::string usage(const std::vector<const Command*>& path) {
  const Command& command = *path.back();
  std::string text = "usage: " + full_name(path);
  if (!command.subcommands.empty()) {
    text += " COMMAND";
  }
  text += " [FLAGS]";
  if (!command.positional.name.empty()) {
    const Positional& positional = command.positional;
    const std::string name =
        fmt::format("{}{}", positional.name, positional.count_max > 1 ? " …" : "");
    text += positional.count_min == 0 ? " [" + name + "]" : " " + name;
  }
  return text + "\n";
}

void append_paragraphs(std::string& text, std::string_view paragraphs, std::size_t width) {
  while (!paragraphs.empty()) {
    const std::string_view line = take_until(paragraphs, '\n');
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    // Indented lines are tables and lists: they stay as they are.
    text += indent > 0 ? std::string(line) : wrapped(line, width, 0);
    text += "\n";
  }
}

}  // namespace

std::string help_text(const std::vector<const Command*>& path, int terminal_width) {
  const auto width = static_cast<std::size_t>(std::clamp(terminal_width, 60, 110));
  const Command& command = *path.back();
  std::string text = usage(path) + "\n";
  append_paragraphs(text, command.details.empty() ? command.summary : command.details, width);
  std::vector<Row> commands;
  for (const Command& child : command.subcommands) {
    if (!child.is_hidden) {
      commands.push_back({std::string(child.name), std::string(child.summary)});
    }
  }
  append_rows(text, "commands", commands, width);
  if (!command.positional.name.empty()) {
    append_rows(text, "arguments",
                {{std::string(command.positional.name), std::string(command.positional.help)}},
                width);
  }
  append_rows(text, "flags", rows_of(command.flags), width);
  std::vector<Flag> common = common_flags();
  if (path.size() == 1) {
    common.push_back({.name = "--version", .help = "show the version"});
  }
  append_rows(text, command.flags.empty() ? "flags" : "flags of every command", rows_of(common),
              width);
  if (!command.examples.empty()) {
    text += "\nexamples:\n";
    for (const std::string_view example : command.examples) {
      text += fmt::format("  {}\n", example);
    }
  }
  return text;
}

}  // namespace katip::cli
