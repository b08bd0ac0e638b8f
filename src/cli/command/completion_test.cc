#include "cli/command/completion.h"

#include <gtest/gtest.h>

#include "cli/commands/commands.h"

namespace katip::cli {
namespace {

TEST(Completion, EveryScriptKnowsEveryFlagOfEveryCommand) {
  const Command root = root_command();
  for (const std::string& script :
       {bash_completion(root), zsh_completion(root), fish_completion(root)}) {
    for (const Command& command : root.subcommands) {
      EXPECT_EQ(script.find("bench-worker"), std::string::npos) << "hidden";
      if (command.is_hidden) {
        continue;
      }
      EXPECT_NE(script.find(command.name), std::string::npos) << command.name;
      for (const Flag& flag : command.flags) {
        EXPECT_NE(script.find(flag.name.substr(2)), std::string::npos) << flag.name;
      }
    }
  }
}

}  // namespace
}  // namespace katip::cli
