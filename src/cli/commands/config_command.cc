#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/atomic_file.h"
#include "base/suggestion.h"
#include "cli/commands/commands.h"
#include "cli/config/option_table.h"
#include "cli/config/security_check.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/transcribe/options.h"

namespace katip::cli {
namespace {

namespace json = boost::json;

std::string shown(const OptionSpec& option, const Setting& setting) {
  return option.kind == OptionKind::kSecret ? Secret(setting.value).masked() : setting.value;
}

int show_json(const Settings& settings, Session& session) {
  json::object entries;
  for (const OptionSpec& option : option_table()) {
    const Setting& setting = settings.at(option.key);
    entries[option.key] = {{"value", shown(option, setting)}, {"origin", setting.origin}};
  }
  const json::object root{
      {"environment", settings.environment_name()},
      {"file", settings.config_file() ? json::value(settings.config_file()->string()) : nullptr},
      {"settings", std::move(entries)}};
  session.terminal.write(json::serialize(root) + "\n");
  return kExitSuccess;
}

int show(const Arguments& arguments, Session& session) {
  const Result<Settings> settings = load_settings(arguments, session);
  if (!settings) {
    return report(settings.error(), session);
  }
  if (arguments.has("--json")) {
    return show_json(*settings, session);
  }
  session.terminal.write(
      fmt::format("# environment: {}\n# file: {}\n", settings->environment_name(),
                  settings->config_file() ? settings->config_file()->string() : "none was found"));
  for (const OptionSpec& option : option_table()) {
    const Setting& setting = settings->at(option.key);
    const std::string value = fmt::format("{} = {}", option.key, shown(option, setting));
    session.terminal.write(fmt::format("{:<48} # {}\n", value, setting.origin));
  }
  return kExitSuccess;
}

// Names beginning with KATIP_ that nobody reads are most likely slips.
void warn_of_unknown(const Environment& environment, Session& session) {
  std::vector<std::string> known = {"KATIP_ENV", "KATIP_CONFIG"};
  for (const OptionSpec& option : option_table()) {
    known.emplace_back(option.environment);
  }
  for (const ServerVariable& variable : server_variables()) {
    known.emplace_back(variable.name);
  }
  for (const auto& [name, value] : environment.variables()) {
    if (name.starts_with("KATIP_") && std::ranges::find(known, name) == known.end()) {
      session.terminal.say(Level::kWarning, fmt::format("nothing reads the variable {}.{}", name,
                                                        did_you_mean(nearest(name, known))));
    }
  }
}

// What no single value shows: languages, formats, files that must be there.
Status check_values(const Settings& settings) {
  KATIP_TRY(transcribe_options(settings, {}));
  KATIP_TRY(write_options(settings));
  KATIP_TRY(formats(settings));
  return {};
}

void print(const std::vector<Finding>& findings, Terminal& terminal) {
  for (const Finding& finding : findings) {
    const char* mark = finding.verdict == Verdict::kPassed    ? "ok     "
                       : finding.verdict == Verdict::kWarning ? "warning"
                                                              : "REFUSED";
    terminal.write(fmt::format("{}  {}: {}\n", mark, finding.variable, finding.message));
  }
}

int check(const Arguments& arguments, Session& session) {
  if (arguments.has("--env-file")) {
    constexpr std::size_t kFileSizeMax = 1 << 20;
    const std::string file = arguments.value("--env-file");
    const Result<std::string> text = read_whole_file(file, kFileSizeMax);
    if (!text) {
      return report(text.error(), session);
    }
    Result<Environment> environment = parse_environment_file(*text, file);
    if (!environment) {
      return report(environment.error(), session);
    }
    session.environment = *std::move(environment);
  }
  const Result<Settings> settings = load_settings(arguments, session);
  if (!settings) {
    return report(settings.error(), session);
  }
  if (const Status status = check_values(*settings); !status) {
    return report(status.error(), session);
  }
  warn_of_unknown(session.environment, session);
  const std::vector<Finding> findings =
      check_security(session.environment, settings->environment_name());
  print(findings, session.terminal);
  if (is_refused(findings)) {
    session.terminal.say(Level::kError, fmt::format("a {} server must not start like this",
                                                    settings->environment_name()));
    return kExitFailure;
  }
  session.terminal.say(
      Level::kInfo, fmt::format("the configuration is good for {}", settings->environment_name()));
  return kExitSuccess;
}

}  // namespace

Command config_command() {
  Command show_config{.name = "show",
                      .summary = "print every setting and where it came from; secrets are masked",
                      .flags = {{.name = "--json", .help = "as a JSON object"}},
                      .examples = {"katip config show", "KATIP_ENV=production katip config show",
                                   "katip config show --json | jq .settings"},
                      .run = &show};
  Command check_config{
      .name = "check",
      .summary = "look for faults and go through the security check list",
      .details =
          "Checks the configuration file, the variables and the security check list of "
          "docs/configuration.md. In staging and production a default password, an open "
          "CORS list and the like are refused: the exit code is 1.",
      .flags = {{.name = "--env-file",
                 .value_name = "FILE",
                 .help = "check the variables of this file instead of those that are set",
                 .completes = Completes::kFile}},
      .examples = {"katip config check",
                   "katip config check --env production --env-file .env.production"},
      .run = &check};
  return {.name = "config",
          .summary = "show and check the configuration",
          .examples = {"katip config show", "katip config check --env production"},
          .subcommands = {std::move(show_config), std::move(check_config)}};
}

}  // namespace katip::cli
