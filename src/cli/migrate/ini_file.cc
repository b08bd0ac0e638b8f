#include "cli/migrate/ini_file.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/trimmed.h"

// Tested by ini_file_test.cc.
namespace katip::cli {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& file_name) : file_name_(file_name) {}

  Result<std::vector<IniSection>> read(std::string_view text) {
    while (!text.empty()) {
      ++line_;
      KATIP_TRY(take(take_until(text, '\n')));
    }
    return std::move(sections_);
  }

 private:
  std::unexpected<Error> wrong(std::string_view message) const {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}: {}", file_name_, line_, message));
  }

  Status take(std::string_view line) {
    const std::string_view text = trimmed(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') {
      return {};
    }
    const bool is_indented = line.front() == ' ' || line.front() == '\t';
    if (is_indented && !sections_.empty() && !sections_.back().settings.empty()) {
      std::string& value = sections_.back().settings.back().value;
      value += (value.empty() ? "" : "\n") + std::string(text);
      return {};
    }
    return text.front() == '[' ? take_section(text) : take_setting(text);
  }

  Status take_section(std::string_view text) {
    if (text.back() != ']') {
      return wrong("a section is written [name]");
    }
    const std::string name(trimmed(text.substr(1, text.size() - 2)));
    if (std::ranges::find(sections_, name, &IniSection::name) != sections_.end()) {
      return wrong(fmt::format("the section [{}] is there twice", name));
    }
    sections_.push_back({.name = name, .settings = {}});
    return {};
  }

  Status take_setting(std::string_view text) {
    const std::size_t separator = text.find_first_of("=:");
    if (separator == std::string_view::npos || separator == 0) {
      return wrong("a setting is written name = value");
    }
    if (sections_.empty()) {
      return wrong("a setting outside of a section: begin with [migrate]");
    }
    const std::string key(trimmed(text.substr(0, separator)));
    auto& settings = sections_.back().settings;
    if (std::ranges::find(settings, key, &IniSetting::key) != settings.end()) {
      return wrong(fmt::format("`{}` is there twice", key));
    }
    settings.push_back(
        {.key = key, .value = std::string(trimmed(text.substr(separator + 1))), .line = line_});
    return {};
  }

  const std::string& file_name_;
  std::vector<IniSection> sections_;
  int line_ = 0;
};

}  // namespace

Result<std::vector<IniSection>> parse_ini(std::string_view text, const std::string& file_name) {
  return Reader(file_name).read(text);
}

Result<std::string> interpolate(std::string_view text,
                                const std::map<std::string, std::string>& variables) {
  std::string result;
  while (!text.empty()) {
    const std::size_t percent = std::min(text.find('%'), text.size());
    result += text.substr(0, percent);
    text.remove_prefix(percent);
    if (text.empty()) {
      break;
    }
    if (text.starts_with("%%")) {
      result += '%';
      text.remove_prefix(2);
      continue;
    }
    const std::size_t end = text.find(")s");
    if (!text.starts_with("%(") || end == std::string_view::npos) {
      return fail(ErrorCode::kInvalidArgument, "a lone %: write %% for a percent sign");
    }
    const std::string name(text.substr(2, end - 2));
    const auto found = variables.find(name);
    if (found == variables.end()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("%({})s is not set: give it with -x {}=…", name, name));
    }
    result += found->second;
    text.remove_prefix(end + 2);
  }
  return result;
}

Result<std::string> expand_variables(std::string_view text,
                                     const std::map<std::string, std::string>& variables) {
  std::string result;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find("${"), text.size());
    result += text.substr(0, begin);
    text.remove_prefix(begin);
    if (text.empty()) {
      break;
    }
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) {
      return fail(ErrorCode::kInvalidArgument, "${ without }");
    }
    const std::string_view inside = text.substr(2, end - 2);
    text.remove_prefix(end + 1);
    const std::size_t mark = inside.find(":-");
    const std::string name(inside.substr(0, mark));
    const auto found = variables.find(name);
    if (found != variables.end() && !found->second.empty()) {
      result += found->second;
    } else if (mark != std::string_view::npos) {
      result += inside.substr(mark + 2);
    } else {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the environment variable {} is not set", name));
    }
  }
  return result;
}

}  // namespace katip::cli
