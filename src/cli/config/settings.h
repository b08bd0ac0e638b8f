#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "cli/config/environment.h"

namespace katip::cli {

/// The value of one option and where it came from.
struct Setting {
  std::string value;
  std::string origin = "default";  ///< "katip.toml:3 [production]", "KATIP_MODEL", "--model".
};

/// What decides over the settings, from weak to strong: defaults, file, its environment section,
/// environment variables, flags.
struct SettingsSources {
  Environment environment;
  std::optional<std::filesystem::path> config_file;  ///< --config; nothing: look for one.
  std::optional<std::string> environment_name;       ///< --env; nothing: KATIP_ENV, ENVIRONMENT.
  std::map<std::string, std::string> flags;          ///< By option key.
};

/// All settings, with a valid value each.
///
/// Threads: immutable.
class Settings {
 public:
  /// Errors: kInvalidArgument with every fault on a line of its own; kNotFound for a file that was
  ///         named and is not there.
  static Result<Settings> load(const SettingsSources& sources);

  [[nodiscard]] const std::string& text(std::string_view key) const { return at(key).value; }
  [[nodiscard]] int integer(std::string_view key) const;
  [[nodiscard]] double number(std::string_view key) const;
  [[nodiscard]] bool is_on(std::string_view key) const { return at(key).value == "on"; }
  [[nodiscard]] std::vector<std::string> list(std::string_view key) const;
  [[nodiscard]] Secret secret(std::string_view key) const { return Secret(at(key).value); }
  [[nodiscard]] const Setting& at(std::string_view key) const;

  /// "development", "staging" or "production".
  [[nodiscard]] const std::string& environment_name() const { return environment_name_; }
  /// The file that was read, if any.
  [[nodiscard]] const std::optional<std::filesystem::path>& config_file() const {
    return config_file_;
  }
  /// storage.data with its default filled in, and storage.models likewise.
  [[nodiscard]] const std::filesystem::path& data_dir() const { return data_dir_; }
  [[nodiscard]] const std::filesystem::path& models_dir() const { return models_dir_; }

 private:
  std::map<std::string, Setting, std::less<>> settings_;
  std::string environment_name_ = "development";
  std::optional<std::filesystem::path> config_file_;
  std::filesystem::path data_dir_;
  std::filesystem::path models_dir_;
};

/// Which environment is meant: --env, else KATIP_ENV, else its alias ENVIRONMENT, else development.
///
/// Errors: kInvalidArgument for a name that is none of the three.
Result<std::string> choose_environment(const std::optional<std::string>& flag,
                                       const Environment& environment);

}  // namespace katip::cli
