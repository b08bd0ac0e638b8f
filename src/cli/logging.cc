#include "cli/logging.h"

#include <csignal>

// Tested by logging_test.cc.
namespace katip::cli {
namespace {

constexpr std::int64_t kMegabyte = 1'000'000;

LogConsole console_of(const std::string& wanted, const ConsoleKind& console) {
  if (wanted == "off") return LogConsole::kOff;
  if (wanted == "json" || (wanted == "auto" && !console.is_terminal)) return LogConsole::kJson;
  return console.is_terminal && console.has_colours ? LogConsole::kColoredText : LogConsole::kText;
}

}  // namespace

ConsoleKind console_kind(const Terminal& terminal) {
  return {.is_terminal = terminal.has_status(), .has_colours = terminal.has_colours()};
}

LogOptions log_options(const Settings& settings, const ConsoleKind& console) {
  LogOptions options;
  if (settings.is_on("logging.files")) {
    const std::string& folder = settings.text("logging.dir");
    options.folder = folder.empty() ? settings.data_dir() / "logs" : std::filesystem::path(folder);
  }
  options.level = parse_log_level(settings.text("logging.level")).value_or(LogLevel::kInfo);
  options.console = console_of(settings.text("logging.console"), console);
  options.keep_days = settings.integer("logging.keep_days");
  options.file_size_max = settings.integer("logging.file_size_max_mb") * kMegabyte;
  return options;
}

store::StatementLogOptions statement_log_options(const Settings& settings) {
  return {.slow_after = std::chrono::milliseconds(settings.integer("logging.slow_statement_ms")),
          .logs_every = settings.is_on("logging.statements")};
}

Result<std::unique_ptr<Log>> start_logging(const Settings& settings, const ConsoleKind& console) {
  std::signal(SIGXFSZ, SIG_IGN);
  return Log::open(log_options(settings, console));
}

}  // namespace katip::cli
