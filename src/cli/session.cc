#include "cli/session.h"

#include <algorithm>

#include "cli/config/option_table.h"
#include "cli/exit_code.h"
#include "engine/engine.h"

namespace katip::cli {
namespace {

Level level_of(const std::string& name) {
  if (name == "error" || name == "critical") {
    return Level::kError;
  }
  return name == "warning" ? Level::kWarning : Level::kInfo;
}

}  // namespace

Result<Settings> load_settings(const Arguments& arguments, Session& session) {
  SettingsSources sources{.environment = session.environment,
                          .config_file = std::nullopt,
                          .environment_name = std::nullopt,
                          .flags = {}};
  if (arguments.has("--config")) {
    sources.config_file = arguments.value("--config");
  }
  if (arguments.has("--env")) {
    sources.environment_name = arguments.value("--env");
  }
  for (const OptionSpec& option : option_table()) {
    if (!option.flag.empty() && arguments.has(option.flag)) {
      sources.flags.emplace(option.key, arguments.value(option.flag));
    }
  }
  Settings settings = KATIP_TRY(Settings::load(sources));
  session.terminal.set_level(arguments.has("--quiet") ? Level::kError
                                                      : level_of(settings.text("logging.level")));
  if (settings.text("engine.cpu") != "auto") {
    KATIP_TRY(engine::force_cpu_kernels(settings.text("engine.cpu")));
  }
  return settings;
}

app::ModelPlaces model_places(const Settings& settings, const Session& session) {
  app::ModelPlaces places;
  for (const std::filesystem::path& folder :
       {settings.models_dir(), settings.data_dir() / "models", session.program_folder / "models",
        session.program_folder.parent_path() / "share" / "katip" / "models"}) {
    if (std::ranges::find(places.folders, folder) == places.folders.end()) {
      places.folders.push_back(folder);
    }
  }
  return places;
}

remote::HttpClient http_client(const Settings& settings) {
  remote::HttpOptions options;
  options.ca_file = settings.text("remote.ca_file");
  options.user_agent = "katip/" KATIP_VERSION;
  return remote::HttpClient(options);
}

int report(const Error& error, Session& session) {
  session.terminal.set_status("");
  // A reader that went away is no news to anybody.
  if (!session.terminal.output_failed()) {
    session.terminal.say(Level::kError, error.message);
  }
  return exit_code(error.code);
}

}  // namespace katip::cli
