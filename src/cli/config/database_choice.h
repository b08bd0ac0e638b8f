#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/config/environment.h"

namespace katip::cli {

/// The URL of a database, and who said it.
struct NamedUrl {
  std::string variable;
  std::string url;
};

/// The database that the environment names: DATABASE_URL, else POSTGRES_URL. An empty variable
/// counts as none.
std::optional<NamedUrl> database_of_environment(const Environment& environment);

/// katip's own database where nobody names one: katip.db in the data folder.
std::string default_database_url(const std::filesystem::path& data_dir);

}  // namespace katip::cli
