#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/doctor.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"

namespace katip::cli {
namespace {

namespace json = boost::json;

std::string_view health_name(app::Health health) {
  switch (health) {
    case app::Health::kGood:
      return "good";
    case app::Health::kWarning:
      return "warning";
    case app::Health::kBad:
      return "bad";
  }
  return "bad";
}

void print(const app::Check& check, Session& session) {
  const bool has_colours = session.terminal.has_colours() && session.terminal.output_is_terminal();
  std::string_view colour = "\x1b[32m";
  std::string_view mark = "ok";
  if (check.health == app::Health::kWarning) {
    colour = "\x1b[33m";
    mark = "!";
  } else if (check.health == app::Health::kBad) {
    colour = "\x1b[31m";
    mark = "BAD";
  }
  session.terminal.write(fmt::format("{}{:<4}{} {:<16} {}\n", has_colours ? colour : "", mark,
                                     has_colours ? "\x1b[0m" : "", check.name,
                                     printable(check.finding)));
  if (!check.advice.empty()) {
    session.terminal.write(
        fmt::format("     {:<16} what to do: {}\n", "", printable(check.advice)));
  }
}

json::object json_of(const app::Check& check) {
  return {{"name", check.name},
          {"health", health_name(check.health)},
          {"finding", check.finding},
          {"advice", check.advice}};
}

int run(const Arguments& arguments, Session& session) {
  const Result<Settings> settings = load_settings(arguments, session);
  if (!settings) {
    return report(settings.error(), session);
  }
  session.terminal.set_status("examining this machine …");
  const std::vector<app::Check> checks =
      app::examine({.places = model_places(*settings, session),
                    .model = settings->text("engine.model"),
                    .other_models = settings->list("engine.other_models"),
                    .data_dir = settings->data_dir()},
                   session.signals.token());
  session.terminal.set_status("");
  if (session.signals.token().stop_requested()) {
    return kExitCancelled;
  }
  const bool is_bad = std::ranges::any_of(
      checks, [](const app::Check& check) { return check.health == app::Health::kBad; });
  if (arguments.has("--json")) {
    json::array entries;
    std::ranges::transform(checks, std::back_inserter(entries), json_of);
    const json::object root{{"healthy", !is_bad}, {"checks", std::move(entries)}};
    session.terminal.write(json::serialize(root) + "\n");
  } else {
    for (const app::Check& check : checks) {
      print(check, session);
    }
  }
  return is_bad ? kExitFailure : kExitSuccess;
}

}  // namespace

Command doctor_command() {
  return {.name = "doctor",
          .summary = "check machine, model, decoder and disk, and say what to do",
          .details =
              "Looks at everything that a transcription needs. The exit code is 1 when "
              "something is wrong.",
          .flags = {flag_of("engine.model", Completes::kModel),
                    {.name = "--json", .help = "as a JSON object"}},
          .examples = {"katip doctor", "katip doctor --json | jq .healthy"},
          .run = &run};
}

}  // namespace katip::cli
