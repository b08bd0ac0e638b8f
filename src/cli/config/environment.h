#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace katip::cli {

/// The environment variables, taken once at the start, so that nothing else asks the system.
///
/// Threads: immutable.
class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string> variables)
      : variables_(std::move(variables)) {}

  /// Those of this process.
  static Environment of_process();

  /// An empty variable counts as one that is not set.
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const;
  [[nodiscard]] const std::map<std::string, std::string>& variables() const { return variables_; }

 private:
  std::map<std::string, std::string> variables_;
};

/// Reads a file of NAME=value lines as docker and systemd do: `#` begins a comment line, quotes
/// around a value are taken off, nothing is expanded.
///
/// Errors: kInvalidArgument naming the line.
Result<Environment> parse_environment_file(std::string_view text, const std::string& file_name);

}  // namespace katip::cli
