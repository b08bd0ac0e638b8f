#pragma once

#include <memory>

#include "base/log.h"
#include "base/result.h"
#include "cli/config/settings.h"
#include "cli/terminal/terminal.h"
#include "store/statement_log.h"

namespace katip::cli {

/// What a console is, for `logging.console = auto`.
struct ConsoleKind {
  bool is_terminal = false;
  bool has_colours = false;
};

ConsoleKind console_kind(const Terminal& terminal);

/// The settings of [logging] as options of the log.
LogOptions log_options(const Settings& settings, const ConsoleKind& console);

/// Which statements of the database are logged, for a store::StatementLog.
store::StatementLogOptions statement_log_options(const Settings& settings);

/// Starts the log of a command that runs for long. Files that may not grow any more give an error
/// from here on and do not end the process (SIGXFSZ).
///
///   const auto log = KATIP_TRY(start_logging(settings, console_kind(session.terminal)));
///   const Logger logger(*log, "worker");
///   store::StatementLog statements(Logger(*log, "store"), statement_log_options(settings));
///
/// Errors: those of Log::open(), naming folder and file.
Result<std::unique_ptr<Log>> start_logging(const Settings& settings, const ConsoleKind& console);

}  // namespace katip::cli
