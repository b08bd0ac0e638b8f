#pragma once

#include <filesystem>

#include "app/model_library.h"
#include "base/clock.h"
#include "base/result.h"
#include "cli/command/command.h"
#include "cli/config/environment.h"
#include "cli/config/settings.h"
#include "cli/terminal/signals.h"
#include "cli/terminal/terminal.h"
#include "remote/http_client.h"

namespace katip::cli {

/// What a command works with besides its arguments: the world outside, once.
struct Session {
  Environment environment;
  Terminal& terminal;
  SignalStop& signals;
  const Command& root;                   ///< All commands, for completions.
  std::filesystem::path program_folder;  ///< Where the executable lies.
  const Clock& clock = system_clock();
};

/// The settings with the flags that were typed, the level of messages among them.
///
/// Errors: those of Settings::load().
Result<Settings> load_settings(const Arguments& arguments, Session& session);

/// Where models are looked for: the configured folder, that of the data, and beside the program.
app::ModelPlaces model_places(const Settings& settings, const Session& session);

remote::HttpClient http_client(const Settings& settings);

/// Says what went wrong and gives the exit code.
int report(const Error& error, Session& session);

}  // namespace katip::cli
