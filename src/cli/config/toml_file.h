#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace katip::cli {

/// One setting of a katip.toml, at its place.
struct FileSetting {
  std::string key;     ///< "engine.model".
  std::string value;   ///< As it would stand in the environment.
  std::string place;   ///< "katip.toml:3".
  std::string column;  ///< "7"; for messages.
};

struct FileSettings {
  std::vector<FileSetting> settings;  ///< Those of the general part, then those of the environment.
};

/// The names of the environments: development, staging, production.
const std::vector<std::string_view>& environment_names();

/// Reads the settings of a configuration file: [engine] and the like for everybody, and over them
/// [production.engine] and the like for the environment that is asked for.
///
/// Errors: kInvalidArgument. Each fault stands on a line of its own, with file, line and column,
/// and
///         a suggestion for names that do not exist; also those of the other environments.
Result<FileSettings> parse_toml(std::string_view text, const std::string& file_name,
                                std::string_view environment);

}  // namespace katip::cli
