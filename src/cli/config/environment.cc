#include "cli/config/environment.h"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "base/trimmed.h"

namespace katip::cli {
namespace {

bool is_variable_name(std::string_view name) {
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

std::string_view unquoted(std::string_view value) {
  if (value.size() >= 2 && value.front() == value.back() &&
      (value.front() == '"' || value.front() == '\'')) {
    return value.substr(1, value.size() - 2);
  }
  return value;
}

}  // namespace

Environment Environment::of_process() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (const std::size_t equals = text.find('='); equals != std::string_view::npos) {
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return Environment(std::move(variables));
}

std::optional<std::string> Environment::get(const std::string& name) const {
  const auto found = variables_.find(name);
  return found == variables_.end() || found->second.empty() ? std::nullopt
                                                            : std::optional(found->second);
}

Result<Environment> parse_environment_file(std::string_view text, const std::string& file_name) {
  std::map<std::string, std::string> variables;
  int line_number = 0;
  while (!text.empty()) {
    ++line_number;
    const std::string_view line = trimmed(take_until(text, '\n'));
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::size_t equals = line.find('=');
    const std::string_view name = trimmed(line.substr(0, std::min(equals, line.size())));
    if (equals == std::string_view::npos || !is_variable_name(name)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}:{}: expected NAME=value", file_name, line_number));
    }
    variables.insert_or_assign(std::string(name),
                               std::string(unquoted(trimmed(line.substr(equals + 1)))));
  }
  return Environment(std::move(variables));
}

}  // namespace katip::cli
