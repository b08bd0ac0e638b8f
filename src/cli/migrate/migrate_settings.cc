#include "cli/migrate/migrate_settings.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/atomic_file.h"
#include "base/suggestion.h"
#include "cli/config/database_choice.h"
#include "cli/config/option_table.h"
#include "cli/migrate/ini_file.h"

// Tested by migrate_settings_test.cc.
namespace katip::cli {
namespace {

namespace fs = std::filesystem;
using Variables = std::map<std::string, std::string>;

constexpr std::string_view kPrefix = "migrate.";
constexpr std::size_t kFileSizeMax = 1 << 20;
constexpr std::array<std::string_view, 2> kSections = {"migrate", "alembic"};

/// Names of Alembic that mean a setting of ours.
const std::map<std::string, std::string, std::less<>>& aliases() {
  static const std::map<std::string, std::string, std::less<>> kAliases = {
      {"script_location", "dir"},
      {"sqlalchemy.url", "url"},
      {"version_path_separator", "path_separator"}};
  return kAliases;
}

/// Settings of Alembic that mean nothing here, so that its files can be used as they are.
bool is_only_alembics(std::string_view key) {
  constexpr std::array<std::string_view, 6> kKeys = {
      "prepend_sys_path", "sourceless", "revision_environment",
      "output_encoding",  "databases",  "script_directory"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

std::vector<std::string> known_keys() {
  std::vector<std::string> keys;
  for (const OptionSpec& option : option_table()) {
    if (option.key.starts_with(kPrefix)) {
      keys.emplace_back(option.key.substr(kPrefix.size()));
    }
  }
  for (const auto& [alias, key] : aliases()) {
    keys.push_back(alias);
  }
  return keys;
}

Result<Variables> set_variables(const Arguments& arguments) {
  Variables variables;
  for (const std::string& text : arguments.values("--set")) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("-x {}: write it as key=value", text));
    }
    variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return variables;
}

/// Reads one section of an ini file over the settings.
class IniLayer {
 public:
  IniLayer(const Settings& settings, MigrateSettings& result, fs::path file)
      : settings_(settings), result_(result), file_(std::move(file)) {}

  Status read(const std::optional<std::string>& section_name, Variables variables) {
    const std::string text = KATIP_TRY(read_whole_file(file_, kFileSizeMax));
    const auto sections = KATIP_TRY(parse_ini(text, file_.string()));
    const IniSection* section = nullptr;
    for (const IniSection& candidate : sections) {
      const bool is_usual = std::ranges::find(kSections, candidate.name) != kSections.end();
      if (section_name ? candidate.name == *section_name : is_usual && section == nullptr) {
        section = &candidate;
      }
    }
    if (section == nullptr) {
      return fail(ErrorCode::kNotFound, fmt::format("{} has no section [{}]", file_.string(),
                                                    section_name.value_or("migrate")));
    }
    variables.try_emplace("here", folder().string());
    for (const IniSetting& setting : section->settings) {
      KATIP_TRY(take(setting, variables));
    }
    return {};
  }

  /// Where relative paths of the file begin.
  [[nodiscard]] fs::path folder() const { return fs::absolute(file_).parent_path(); }

 private:
  std::unexpected<Error> wrong(const IniSetting& setting, std::string_view message) const {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}:{}: {}: {}", file_.string(), setting.line, setting.key, message));
  }

  Status take(const IniSetting& setting, const Variables& variables) {
    if (is_only_alembics(setting.key)) {
      return {};
    }
    const auto alias = aliases().find(setting.key);
    const std::string key = alias == aliases().end() ? setting.key : alias->second;
    const OptionSpec* option = find_option(std::string(kPrefix) + key);
    if (option == nullptr) {
      return wrong(setting, fmt::format("there is no such setting.{}",
                                        did_you_mean(nearest(setting.key, known_keys()))));
    }
    const Result<std::string> filled = interpolate(setting.value, variables);
    if (!filled) {
      return wrong(setting, filled.error().message);
    }
    const Result<std::string> value = normalise_value(*option, *filled);
    if (!value) {
      return wrong(setting, value.error().message);
    }
    // The environment and flags are stronger than any file.
    const Setting& before = settings_.at(option->key);
    if (before.origin != option->environment && before.origin != option->flag) {
      result_.values[key] = key == "dir" ? (folder() / *value).lexically_normal().string() : *value;
      is_from_here_.push_back(key);
    }
    return {};
  }

 public:
  [[nodiscard]] bool has(std::string_view key) const {
    return std::ranges::find(is_from_here_, key) != is_from_here_.end();
  }

 private:
  const Settings& settings_;
  MigrateSettings& result_;
  fs::path file_;
  std::vector<std::string> is_from_here_;
};

std::string_view separators_of(const std::string& kind) {
  if (kind == "space") {
    return " ";
  }
  if (kind == "newline") {
    return "\n";
  }
  if (kind == "comma") {
    return ",";
  }
  return kind == ";" ? ";" : ":";
}

std::vector<fs::path> split_paths(std::string_view text, std::string_view separators,
                                  const fs::path& base) {
  std::vector<fs::path> paths;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (part.starts_with(' ') || part.starts_with('\n')) {
      part.remove_prefix(1);
    }
    while (part.ends_with(' ') || part.ends_with('/')) {
      part.remove_suffix(1);
    }
    if (!part.empty()) {
      paths.push_back(base.empty() ? fs::path(part) : (base / part).lexically_normal());
    }
  }
  return paths;
}

store::MigrationFolder folder_of(const MigrateSettings& settings, const fs::path& base) {
  return {.folder = settings.text("dir"),
          .version_folders = split_paths(settings.text("version_locations"),
                                         separators_of(settings.text("path_separator")), base),
          .is_recursive = settings.is_on("recursive_version_locations"),
          .file_template = settings.text("file_template"),
          .slug_size_max = static_cast<std::size_t>(settings.number("truncate_slug_length")),
          .time_zone = settings.text("timezone")};
}

/// --ini, or migrate.ini here unless a folder is named otherwise.
std::optional<fs::path> ini_file_of(const Arguments& arguments, const Settings& settings) {
  if (arguments.has("--ini")) {
    return arguments.value("--ini");
  }
  std::error_code ignored;
  const bool is_here = fs::is_regular_file(kMigrateIniName, ignored);
  return is_here && settings.text("migrate.dir").empty() ? std::optional<fs::path>(kMigrateIniName)
                                                         : std::nullopt;
}

/// The URL of the settings, else of the environment. Variables are filled in.
Status set_url(MigrateSettings& result, const Environment& environment, Variables variables) {
  auto named = database_of_environment(environment);
  // A file that says DATABASE_URL means the database of the environment, by whichever name.
  if (named) variables.try_emplace("DATABASE_URL", named->url);
  for (const auto& [name, value] : environment.variables()) {
    variables.try_emplace(name, value);
  }
  if (!result.text("url").empty()) {
    result.url = KATIP_TRY(expand_variables(result.text("url"), variables));
    return {};
  }
  if (named) result.url = std::move(named->url);
  return {};
}

}  // namespace

const std::string& MigrateSettings::text(std::string_view key) const {
  const auto found = values.find(key);
  KATIP_ASSERT(found != values.end());
  return found->second;
}

double MigrateSettings::number(std::string_view key) const {
  return std::strtod(text(key).c_str(), nullptr);
}

Result<MigrateSettings> load_migrate_settings(const Arguments& arguments, const Settings& settings,
                                              const Environment& environment) {
  MigrateSettings result;
  for (const OptionSpec& option : option_table()) {
    if (option.key.starts_with(kPrefix)) {
      result.values.emplace(option.key.substr(kPrefix.size()), settings.text(option.key));
    }
  }
  const Variables variables = KATIP_TRY(set_variables(arguments));
  result.ini_file = ini_file_of(arguments, settings);
  fs::path base;
  if (result.ini_file) {
    std::optional<std::string> section;
    if (arguments.has("--name")) {
      section = arguments.value("--name");
    }
    IniLayer layer(settings, result, *result.ini_file);
    KATIP_TRY(layer.read(section, variables));
    if (layer.has("version_locations")) {
      base = layer.folder();
    }
  } else if (arguments.has("--name")) {
    return fail(ErrorCode::kInvalidArgument,
                "--name is the section of a file in the form of alembic.ini: name it with -c FILE");
  }
  KATIP_TRY(set_url(result, environment, variables));
  if (!result.text("dir").empty()) {
    result.folder = folder_of(result, base);
  }
  return result;
}

}  // namespace katip::cli
