#include "cli/config/settings.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/assert.h"
#include "base/atomic_file.h"
#include "base/suggestion.h"
#include "cli/config/option_table.h"
#include "cli/config/toml_file.h"

// Tested by settings_test.cc.
namespace katip::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileSizeMax = 1 << 20;

// The first that exists: KATIP_CONFIG must; the usual places may.
Result<std::optional<fs::path>> find_config_file(const SettingsSources& sources) {
  std::optional<fs::path> named = sources.config_file;
  if (!named) {
    named = sources.environment.get("KATIP_CONFIG");
  }
  if (named) {
    if (!fs::is_regular_file(*named)) {
      return fail(ErrorCode::kNotFound, "there is no configuration file " + named->string());
    }
    return named;
  }
  std::vector<fs::path> places = {"katip.toml"};
  if (const auto folder = sources.environment.get("XDG_CONFIG_HOME")) {
    places.push_back(fs::path(*folder) / "katip" / "katip.toml");
  } else if (const auto home = sources.environment.get("HOME")) {
    places.push_back(fs::path(*home) / ".config" / "katip" / "katip.toml");
  }
  places.emplace_back("/etc/katip/katip.toml");
  std::error_code ignored;
  const auto found = std::ranges::find_if(
      places, [&](const fs::path& place) { return fs::is_regular_file(place, ignored); });
  return found == places.end() ? std::optional<fs::path>() : std::optional(*found);
}

fs::path default_data_dir(const Environment& environment) {
  if (const auto folder = environment.get("XDG_DATA_HOME")) {
    return fs::path(*folder) / "katip";
  }
  return fs::path(environment.get("HOME").value_or("/var/lib")) / ".local" / "share" / "katip";
}

}  // namespace

Result<std::string> choose_environment(const std::optional<std::string>& flag,
                                       const Environment& environment) {
  std::string origin = "--env";
  std::optional<std::string> name = flag;
  for (const char* variable : {"KATIP_ENV", "ENVIRONMENT"}) {
    if (!name) {
      name = environment.get(variable);
      origin = variable;
    }
  }
  if (!name) {
    return std::string("development");
  }
  if (std::ranges::find(environment_names(), *name) == environment_names().end()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: `{}` is none of {}.{}", origin, *name,
                            fmt::join(environment_names(), ", "),
                            did_you_mean(nearest(*name, std::span(environment_names())))));
  }
  return *name;
}

Result<Settings> Settings::load(const SettingsSources& sources) {
  Settings result;
  std::vector<std::string> faults;
  const auto set = [&](const OptionSpec& option, std::string_view text, std::string origin) {
    Result<std::string> value = normalise_value(option, text);
    if (!value) {
      faults.push_back(fmt::format("{}: {}", origin, value.error().message));
      return;
    }
    result.settings_.insert_or_assign(
        std::string(option.key), Setting{.value = *std::move(value), .origin = std::move(origin)});
  };
  for (const OptionSpec& option : option_table()) {
    set(option, option.default_value, "default");
  }
  result.environment_name_ =
      KATIP_TRY(choose_environment(sources.environment_name, sources.environment));
  result.config_file_ = KATIP_TRY(find_config_file(sources));
  if (result.config_file_) {
    const std::string text = KATIP_TRY(read_whole_file(*result.config_file_, kFileSizeMax));
    Result<FileSettings> file =
        parse_toml(text, result.config_file_->string(), result.environment_name_);
    if (!file) {
      faults.push_back(file.error().message);
    } else {
      for (const FileSetting& setting : file->settings) {
        set(*find_option(setting.key), setting.value, setting.place);
      }
    }
  }
  for (const OptionSpec& option : option_table()) {
    if (const auto text = sources.environment.get(std::string(option.environment))) {
      set(option, *text, std::string(option.environment));
    }
  }
  for (const auto& [key, text] : sources.flags) {
    const OptionSpec* option = find_option(key);
    KATIP_ASSERT(option != nullptr);
    set(*option, text, std::string(option->flag));
  }
  if (!faults.empty()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}", fmt::join(faults, "\n")));
  }
  const std::string& data = result.text("storage.data");
  result.data_dir_ = data.empty() ? default_data_dir(sources.environment) : fs::path(data);
  const std::string& models = result.text("storage.models");
  result.models_dir_ = models.empty() ? result.data_dir_ / "models" : fs::path(models);
  return result;
}

const Setting& Settings::at(std::string_view key) const {
  const auto found = settings_.find(key);
  KATIP_ASSERT(found != settings_.end());
  return found->second;
}

int Settings::integer(std::string_view key) const { return std::atoi(text(key).c_str()); }

double Settings::number(std::string_view key) const {
  return std::strtod(text(key).c_str(), nullptr);
}

std::vector<std::string> Settings::list(std::string_view key) const {
  return split_list(text(key));
}

}  // namespace katip::cli
