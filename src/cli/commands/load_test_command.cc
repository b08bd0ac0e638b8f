#include <charconv>
#include <iostream>

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/load_test/scenario.h"
#include "cli/session.h"

/// Tested by tests/e2e/test_load_test.py.
namespace katip::cli {
namespace {

Result<int> number_of(const Arguments& arguments, std::string_view flag, int otherwise,
                      int maximum) {
  const std::string text = arguments.value(flag);
  if (text.empty()) return otherwise;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1 || number > maximum) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is a whole number from 1 to {}", flag, maximum));
  }
  return number;
}

Result<LoadOptions> load_options(const Arguments& arguments, Session& session) {
  LoadOptions options;
  if (!arguments.positionals.empty()) options.url = arguments.positionals.front();
  while (options.url.ends_with('/')) options.url.pop_back();
  options.file = arguments.value("--file");
  if (options.file.empty() || !std::filesystem::is_regular_file(options.file)) {
    return fail(ErrorCode::kInvalidArgument,
                "--file names the recording that every user uploads: a short one");
  }
  options.user_count = KATIP_TRY(number_of(arguments, "--users", 1'000, 1'000'000));
  options.concurrency = KATIP_TRY(number_of(arguments, "--concurrency", 50, 1'000));
  options.login = arguments.value("--login");
  options.key = Secret(session.environment.get("KATIP_API_KEY").value_or(""));
  if (!options.login.empty()) {
    std::string password;
    std::getline(std::cin, password);
    options.password = Secret(password);
  }
  return options;
}

Status load(const Arguments& arguments, Session& session) {
  const LoadOptions options = KATIP_TRY(load_options(arguments, session));
  const auto phases = KATIP_TRY(run_load(
      options, [&](const std::string& line) { session.terminal.set_status(line); },
      session.signals.token()));
  session.terminal.set_status("");
  session.terminal.write(phase_table(phases));
  if (arguments.has("--json")) {
    KATIP_TRY(write_file_atomically(arguments.value("--json"), phase_json(phases) + "\n"));
  }
  if (arguments.has("--plot")) {
    KATIP_TRY(write_file_atomically(arguments.value("--plot"), phase_plot(phases)));
  }
  return {};
}

int run(const Arguments& arguments, Session& session) {
  const Status status = load(arguments, session);
  return status ? kExitSuccess : report(status.error(), session);
}

}  // namespace

Command load_test_command() {
  return {
      .name = "load-test",
      .summary = "many users at once against a server, measured",
      .details =
          "Every user logs in, uploads a recording, waits for its transcript and fetches it; each "
          "phase is measured by itself. On a server that is open nobody logs in. A key is taken "
          "from "
          "KATIP_API_KEY; with --login the password is read from standard input.\n"
          "\n"
          "What is uploaded stays on the server: try it on one that you can throw away.",
      .flags = {{.name = "--file",
                 .value_name = "FILE",
                 .help = "recording that every user uploads",
                 .completes = Completes::kFile},
                {.name = "--users", .value_name = "N", .help = "how many users (1000)"},
                {.name = "--concurrency", .value_name = "N", .help = "how many at once (50)"},
                {.name = "--login", .value_name = "NAME", .help = "whom all users log in as"},
                {.name = "--json",
                 .value_name = "FILE",
                 .help = "write the figures for programs",
                 .completes = Completes::kFile},
                {.name = "--plot",
                 .value_name = "FILE",
                 .help = "draw them as SVG",
                 .completes = Completes::kFile}},
      .positional = {.name = "URL", .help = "the server (http://127.0.0.1:8002)", .count_max = 1},
      .examples = {"katip load-test --file clip.wav",
                   "katip load-test --file clip.wav --users 100 --concurrency 10 --plot load.svg",
                   "KATIP_API_KEY=kp_… katip load-test https://katip.example.org --file clip.wav"},
      .run = &run};
}

}  // namespace katip::cli
