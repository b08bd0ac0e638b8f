#include "cli/run.h"

#include <filesystem>
#include <string>
#include <vector>

#include "cli/command/help.h"
#include "cli/command/parser.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"

namespace katip::cli {
namespace {

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
    return code == kExitSuccess && terminal.output_failed() ? kExitFailure : code;
  } catch (const std::exception& error) {
    return report({ErrorCode::kInternal, std::string("internal error: ") + error.what()}, session);
  }
}

}  // namespace katip::cli
