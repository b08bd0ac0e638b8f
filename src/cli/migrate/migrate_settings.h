#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/command/command.h"
#include "cli/config/environment.h"
#include "cli/config/settings.h"
#include "store/migrations.h"

namespace katip::cli {

/// What a command of `katip migrate` works with, from all places: defaults, katip.toml, a file in
/// the form of alembic.ini, environment, flags; later ones win.
///
/// Threads: immutable.
struct MigrateSettings {
  std::map<std::string, std::string, std::less<>> values;  ///< By key: "version_table".
  /// Nothing: katip's own revisions.
  std::optional<store::MigrationFolder> folder;
  /// As it was written; nothing: none was named.
  std::optional<std::string> url;
  std::optional<std::filesystem::path> ini_file;  ///< The one that was read.

  [[nodiscard]] const std::string& text(std::string_view key) const;
  [[nodiscard]] bool is_on(std::string_view key) const { return text(key) == "on"; }
  [[nodiscard]] double number(std::string_view key) const;
};

/// The file that is read when none is named and it lies in the working folder.
inline constexpr const char* kMigrateIniName = "migrate.ini";

/// `--ini FILE` (or migrate.ini in the working folder), `--name SECTION`, `--set key=value` and the
/// settings under [migrate]. Variables of the URL come from `--set` and the environment.
///
/// Errors: kInvalidArgument naming file and line, with a suggestion; kNotFound for a file or a
///         section that was named and is not there.
Result<MigrateSettings> load_migrate_settings(const Arguments& arguments, const Settings& settings,
                                              const Environment& environment);

}  // namespace katip::cli
