#include "cli/command/completion.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"

namespace katip::cli {
namespace {

int run(const Arguments& arguments, Session& session) {
  const std::string& shell = arguments.positionals.front();
  session.terminal.write(shell == "bash"  ? bash_completion(session.root)
                         : shell == "zsh" ? zsh_completion(session.root)
                                          : fish_completion(session.root));
  return kExitSuccess;
}

}  // namespace

Command completion_command() {
  return {.name = "completion",
          .summary = "print a completion script for bash, zsh or fish",
          .positional = {.name = "SHELL",
                         .help = "bash, zsh or fish",
                         .count_min = 1,
                         .count_max = 1,
                         .completes = Completes::kShell,
                         .choices = {"bash", "zsh", "fish"}},
          .examples = {"source <(katip completion bash)", "katip completion zsh > ~/.zfunc/_katip",
                       "katip completion fish > ~/.config/fish/completions/katip.fish"},
          .run = &run};
}

}  // namespace katip::cli
