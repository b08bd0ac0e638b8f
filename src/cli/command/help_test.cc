#include "cli/command/help.h"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "cli/commands/commands.h"

namespace katip::cli {
namespace {

void for_each_command(std::vector<const Command*> path,
                      const std::function<void(const std::vector<const Command*>&)>& visit) {
  visit(path);
  for (const Command& child : path.back()->subcommands) {
    std::vector<const Command*> longer = path;
    longer.push_back(&child);
    for_each_command(longer, visit);
  }
}

TEST(HelpText, EveryCommandHasExamplesAndExplainsEveryFlag) {
  const Command root = root_command();
  for_each_command({&root}, [](const std::vector<const Command*>& path) {
    const Command& command = *path.back();
    const std::string text = help_text(path, 80);
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.examples.empty()) << command.name;
    EXPECT_NE(text.find("examples:"), std::string::npos) << command.name;
    for (const Flag& flag : command.flags) {
      EXPECT_FALSE(flag.help.empty()) << flag.name;
      EXPECT_NE(text.find(flag.name), std::string::npos) << flag.name;
    }
  });
}

TEST(HelpText, KeepsToTheWidthOfTheTerminal) {
  const Command root = root_command();
  const Command transcribe = transcribe_command();
  for (const int width : {1, 60, 80, 100, 500}) {
    std::string text = help_text({&root, &transcribe}, width);
    text = text.substr(0, text.find("examples:"));  // Examples are copied: they stay whole.
    std::size_t longest = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      longest = std::max(longest, end);
      text.erase(0, end + 1);
    }
    EXPECT_LE(longest, static_cast<std::size_t>(std::clamp(width, 60, 110))) << width;
  }
}

TEST(HelpText, DoesNotShowHiddenCommands) {
  const Command root = root_command();
  EXPECT_EQ(help_text({&root}, 80).find("bench-worker"), std::string::npos);
}

}  // namespace
}  // namespace katip::cli
