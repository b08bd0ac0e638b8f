#include <charconv>

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/load_test/scenario.h"
#include "cli/session.h"

/// Tested by tests/e2e/test_load_test.py.
namespace katip::cli {
namespace {

constexpr std::size_t kLoginsSizeMax = 64 << 20;

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
  options.key = Secret(session.environment.get("KATIP_API_KEY").value_or(""));
  if (arguments.has("--prepare")) {
    if (arguments.has("--users-file") || options.key.reveal().empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  "--prepare makes its users with the key of an administrator in KATIP_API_KEY, "
                  "and takes none from a file");
    }
    options.users = LoadUsers::kPrepared;
  } else if (arguments.has("--users-file")) {
    options.users = LoadUsers::kOwn;
    const std::string text =
        KATIP_TRY(read_whole_file(arguments.value("--users-file"), kLoginsSizeMax));
    options.logins = KATIP_TRY(parse_logins(text));
    if (options.logins.size() < static_cast<std::size_t>(options.user_count)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} users need a login each, and the file has {}; lower --users",
                              options.user_count, options.logins.size()));
    }
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
          "phase is measured by itself. Each user needs a login of its own: --prepare makes them "
          "first and removes them at the end, with the key of an administrator in KATIP_API_KEY; "
          "--users-file names some that exist. With neither nobody logs in: all come with the key "
          "in KATIP_API_KEY, or to a server that is open.\n"
          "\n"
          "What is uploaded stays on the server: try it on one that you can throw away.",
      .flags = {{.name = "--file",
                 .value_name = "FILE",
                 .help = "recording that every user uploads",
                 .completes = Completes::kFile},
                {.name = "--users", .value_name = "N", .help = "how many users (1000)"},
                {.name = "--concurrency", .value_name = "N", .help = "how many at once (50)"},
                {.name = "--prepare", .help = "make the users first, and remove them at the end"},
                {.name = "--users-file",
                 .value_name = "FILE",
                 .help = "whom they log in as: a line LOGIN:PASSWORD for each",
                 .completes = Completes::kFile},
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
                   "KATIP_API_KEY=kp_… katip load-test https://katip.example.org --prepare "
                   "--file clip.wav"},
      .run = &run};
}

}  // namespace katip::cli
