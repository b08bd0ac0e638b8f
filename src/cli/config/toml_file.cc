#include "cli/config/toml_file.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "base/suggestion.h"
#include "cli/config/option_table.h"

// The only unit that sees toml++. Tested by settings_test.cc.
namespace katip::cli {
namespace {

std::string place_of(const std::string& file_name, const toml::source_region& source) {
  return fmt::format("{}:{}", file_name, source.begin.line);
}

class Reader {
 public:
  Reader(const std::string& file_name, std::string_view environment)
      : file_name_(file_name), environment_(environment) {}

  Result<FileSettings> read(const toml::table& root) {
    for (const auto& [key, node] : root) {
      if (!is_environment(key.str())) {
        read_section(key, node, general_, "");
      }
    }
    for (const auto& [key, node] : root) {
      if (is_environment(key.str())) {
        read_environment(key, node);
      }
    }
    if (!faults_.empty()) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("{}", fmt::join(faults_, "\n")));
    }
    FileSettings result{.settings = std::move(general_)};
    std::ranges::move(special_, std::back_inserter(result.settings));
    return result;
  }

 private:
  static bool is_environment(std::string_view name) {
    return std::ranges::find(environment_names(), name) != environment_names().end();
  }

  void fault(const toml::source_region& source, const std::string& message) {
    faults_.push_back(
        fmt::format("{}:{}: {}", place_of(file_name_, source), source.begin.column, message));
  }

  void read_environment(const toml::key& key, const toml::node& node) {
    const toml::table* sections = node.as_table();
    if (sections == nullptr) {
      fault(key.source(), fmt::format("`{}` is an environment and must be a table", key.str()));
      return;
    }
    // All environments are checked, so that a fault does not wait for the day of the deployment.
    std::vector<FileSetting> other;
    const bool is_ours = key.str() == environment_;
    for (const auto& [name, section] : *sections) {
      read_section(name, section, is_ours ? special_ : other, key.str());
    }
  }

  void read_section(const toml::key& section, const toml::node& node,
                    std::vector<FileSetting>& target, std::string_view environment) {
    std::vector<std::string> names;
    for (const OptionSpec& option : option_table()) {
      names.emplace_back(option.key.substr(0, option.key.find('.')));
    }
    const bool is_known = std::ranges::find(names, section.str()) != names.end();
    if (!is_known) {
      if (environment.empty()) {
        names.insert(names.end(), environment_names().begin(), environment_names().end());
      }
      fault(section.source(), fmt::format("unknown section `{}`.{}", section.str(),
                                          did_you_mean(nearest(section.str(), names))));
      return;
    }
    const toml::table* entries = node.as_table();
    if (entries == nullptr) {
      fault(section.source(),
            fmt::format("`{}` is a section: write [{}]", section.str(), section.str()));
      return;
    }
    for (const auto& [key, value] : *entries) {
      read_setting(section.str(), key, value, target, environment);
    }
  }

  void read_setting(std::string_view section, const toml::key& key, const toml::node& node,
                    std::vector<FileSetting>& target, std::string_view environment) {
    const std::string full = fmt::format("{}.{}", section, key.str());
    const OptionSpec* option = find_option(full);
    if (option == nullptr) {
      std::vector<std::string_view> keys;
      std::ranges::transform(option_table(), std::back_inserter(keys), &OptionSpec::key);
      fault(key.source(),
            fmt::format("unknown key `{}`.{}", full,
                        did_you_mean(nearest(full, std::span<const std::string_view>(keys)))));
      return;
    }
    const std::optional<std::string> text = text_of(*option, node);
    if (!text) {
      fault(node.source(), fmt::format("`{}` must be {}", full, kind_name(option->kind)));
      return;
    }
    Result<std::string> value = normalise_value(*option, *text);
    if (!value) {
      fault(node.source(), fmt::format("{}: {}", full, value.error().message));
      return;
    }
    std::string place = place_of(file_name_, key.source());
    if (!environment.empty()) {
      place += fmt::format(" [{}]", environment);
    }
    target.push_back({.key = full,
                      .value = *std::move(value),
                      .place = std::move(place),
                      .column = std::to_string(key.source().begin.column)});
  }

  static std::string_view kind_name(OptionKind kind) {
    switch (kind) {
      case OptionKind::kInteger:
        return "a whole number";
      case OptionKind::kNumber:
        return "a number";
      case OptionKind::kSwitch:
        return "true or false";
      case OptionKind::kList:
        return "an array of texts or numbers";
      default:
        return "a text in quotes";
    }
  }

  // The value as it would stand in the environment, or nothing when its type does not fit.
  static std::optional<std::string> text_of(const OptionSpec& option, const toml::node& node) {
    if (option.kind == OptionKind::kList) {
      return list_text(node);
    }
    if (option.kind == OptionKind::kInteger || option.kind == OptionKind::kNumber) {
      return number_text(node);
    }
    // `vad = true` is what people write for a choice of on and off.
    if (const auto flag = node.value_exact<bool>();
        flag && (option.kind == OptionKind::kSwitch ||
                 std::ranges::find(option.choices, "on") != option.choices.end())) {
      return *flag ? "on" : "off";
    }
    return option.kind == OptionKind::kSwitch ? std::nullopt : node.value_exact<std::string>();
  }

  static std::optional<std::string> number_text(const toml::node& node) {
    if (const auto whole = node.value_exact<std::int64_t>()) {
      return std::to_string(*whole);
    }
    const auto number = node.value_exact<double>();
    return number ? std::optional(fmt::format("{}", *number)) : std::nullopt;
  }

  static std::optional<std::string> list_text(const toml::node& node) {
    const toml::array* array = node.as_array();
    if (array == nullptr) {
      const auto text = node.value_exact<std::string>();
      return text ? text : number_text(node);
    }
    std::vector<std::string> parts;
    for (const toml::node& element : *array) {
      const auto text = element.value_exact<std::string>();
      const auto part = text ? text : number_text(element);
      if (!part) {
        return std::nullopt;
      }
      parts.push_back(*part);
    }
    return fmt::format("{}", fmt::join(parts, ","));
  }

  const std::string& file_name_;
  std::string_view environment_;
  std::vector<FileSetting> general_;
  std::vector<FileSetting> special_;
  std::vector<std::string> faults_;
};

}  // namespace

const std::vector<std::string_view>& environment_names() {
  static const std::vector<std::string_view> names = {"development", "staging", "production"};
  return names;
}

Result<FileSettings> parse_toml(std::string_view text, const std::string& file_name,
                                std::string_view environment) {
  try {
    const toml::table root = toml::parse(text, std::string_view(file_name));
    return Reader(file_name, environment).read(root);
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}:{}:{}: {}", file_name, error.source().begin.line,
                            error.source().begin.column, error.description()));
  }
}

}  // namespace katip::cli
