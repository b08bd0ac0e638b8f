#include "cli/run.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "cli/command/help.h"
#include "cli/command/parser.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"

namespace katip::cli {
namespace {

// A program may be started with these closed. What is opened next would take their numbers: a pipe
// of our own would be read as standard input, a transcript written into a socket.
void open_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) < 0) {
      static_cast<void>(::open("/dev/null", O_RDWR));  // Takes the lowest number that is free.
    }
  }
}

// A reader that went away is no news to anybody; a full disk is.
void report_output_failure(Terminal& terminal) {
  if (const int error_number = terminal.output_error();
      error_number != 0 && error_number != EPIPE) {
    terminal.say(Level::kError,
                 std::string("cannot write to standard output: ") + std::strerror(error_number));
  }
}

int execute(const Invocation& invocation, Session& session) {
  const Command& command = *invocation.path.back();
  if (invocation.wants_version) {
    session.terminal.write("katip " KATIP_VERSION "\n");
    return kExitSuccess;
  }
  if (invocation.wants_help || command.run == nullptr) {
    const std::string text = help_text(invocation.path, session.terminal.width());
    if (invocation.wants_help) {
      session.terminal.write(text);
      return kExitSuccess;
    }
    session.terminal.say(Level::kError, "a command is missing");
    session.terminal.say(Level::kInfo, text);
    return kExitUsage;
  }
  return command.run(invocation.arguments, session);
}

}  // namespace

int run(int argc, char** argv) {
  open_standard_descriptors();
  SignalStop signals;
  const Environment environment = Environment::of_process();
  Terminal terminal(environment);
  const Command root = root_command();
  std::error_code ignored;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  Session session{.environment = environment,
                  .terminal = terminal,
                  .signals = signals,
                  .root = root,
                  .program_folder = program.parent_path()};
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  const Result<Invocation> invocation = parse_command_line(root, words);
  if (!invocation) {
    return report(invocation.error(), session);
  }
  // The last place an exception of a library may come to: it must not look like a crash.
  try {
    const int code = execute(*invocation, session);
    terminal.set_status("");
    terminal.flush();
    report_output_failure(terminal);
    return code == kExitSuccess && terminal.output_failed() ? kExitFailure : code;
  } catch (const std::exception& error) {
    return report({ErrorCode::kInternal, std::string("internal error: ") + error.what()}, session);
  }
}

}  // namespace katip::cli
