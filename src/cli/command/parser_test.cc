#include "cli/command/parser.h"

#include <gtest/gtest.h>

#include "cli/commands/commands.h"

namespace katip::cli {
namespace {

using Words = std::vector<std::string>;

const Command& root() {
  static const Command command = root_command();
  return command;
}

std::string fault(const Words& words) {
  const auto invocation = parse_command_line(root(), words);
  EXPECT_FALSE(invocation) << words.size();
  return invocation ? "" : invocation.error().message;
}

TEST(ParseCommandLine, FindsCommandFlagsAndArguments) {
  const auto parsed =
      parse_command_line(root(), {"transcribe", "--beam", "3", "a.wav", "-o", "out", "--words",
                                  "b.wav", "-", "--keyword", "x", "--keyword=y z"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(full_name(parsed->path), "katip transcribe");
  EXPECT_EQ(parsed->arguments.positionals, (Words{"a.wav", "b.wav", "-"}));
  EXPECT_EQ(parsed->arguments.value("--beam"), "3");
  EXPECT_EQ(parsed->arguments.value("--output"), "out");
  EXPECT_EQ(parsed->arguments.value("--words"), "on");
  EXPECT_EQ(parsed->arguments.values("--keyword"), (Words{"x", "y z"}));
}

TEST(ParseCommandLine, FilesMayBeNamedLikeCommandsAndLikeFlags) {
  const auto parsed =
      parse_command_line(root(), {"transcribe", "models", "doctor", "--", "-x.wav", "--beam"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->arguments.positionals, (Words{"models", "doctor", "-x.wav", "--beam"}));
}

TEST(ParseCommandLine, ANumberWithASignIsAnArgument) {
  const auto parsed =
      parse_command_line(root(), {"migrate", "downgrade", "-1", "--tag", "-2", "--sql"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->arguments.positionals, Words{"-1"});
  EXPECT_EQ(parsed->arguments.value("--tag"), "-2");
  EXPECT_NE(fault({"migrate", "downgrade", "-1", "-2"}).find("`-2` is one"), std::string::npos);
}

TEST(ParseCommandLine, TheLastOfTwoValuesHolds) {
  EXPECT_EQ(parse_command_line(root(), {"transcribe", "a", "--beam", "1", "--beam", "2"})
                ->arguments.value("--beam"),
            "2");
}

TEST(ParseCommandLine, SwitchesCanBeTakenBack) {
  EXPECT_EQ(
      parse_command_line(root(), {"transcribe", "a", "--no-words"})->arguments.value("--words"),
      "off");
  EXPECT_NE(fault({"transcribe", "a", "--no-words", "--words"}).find("exclude"), std::string::npos);
}

TEST(ParseCommandLine, SuggestsWhatWasMeant) {
  EXPECT_NE(fault({"transcirbe", "a"}).find("Did you mean `transcribe`?"), std::string::npos);
  EXPECT_NE(fault({"models", "lst"}).find("Did you mean `list`?"), std::string::npos);
  EXPECT_NE(fault({"transcribe", "a", "--baem=3"}).find("Did you mean `--beam`?"),
            std::string::npos);
  EXPECT_NE(fault({"completion", "bsh"}).find("Did you mean `bash`?"), std::string::npos);
  EXPECT_NE(
      fault({"models", "pull", "x", "--source", "hugingface"}).find("Did you mean `huggingface`?"),
      std::string::npos);
  EXPECT_EQ(fault({"bench-wrker"}).find("bench-worker"), std::string::npos)
      << "hidden commands are not suggested";
}

TEST(ParseCommandLine, CountsArguments) {
  EXPECT_NE(fault({"transcribe"}).find("is missing"), std::string::npos);
  EXPECT_NE(fault({"completion", "bash", "zsh"}).find("one argument too many"), std::string::npos);
  EXPECT_NE(fault({"doctor", "now"}).find("`now` is one argument too many"), std::string::npos);
  EXPECT_FALSE(fault({"transcribe", "a", "--beam"}).empty());
}

TEST(ParseCommandLine, HelpWinsOverFaults) {
  EXPECT_TRUE(parse_command_line(root(), {"transcribe", "--nonsense", "-h"})->wants_help);
  EXPECT_TRUE(parse_command_line(root(), {"--help"})->wants_help);
  EXPECT_TRUE(parse_command_line(root(), {"--version"})->wants_version);
}

TEST(ParseCommandLine, HelpAndVersionAreWordsToo) {
  const auto help = parse_command_line(root(), {"help", "models", "pull"});
  ASSERT_TRUE(help) << help.error().message;
  EXPECT_TRUE(help->wants_help);
  EXPECT_EQ(full_name(help->path), "katip models pull");
  EXPECT_TRUE(parse_command_line(root(), {"help"})->wants_help);
  EXPECT_TRUE(parse_command_line(root(), {"version"})->wants_version);
  EXPECT_EQ(parse_command_line(root(), {"transcribe", "help"})->arguments.positionals,
            (Words{"help"}));
}

TEST(ParseCommandLine, AForgottenValueDoesNotHideBehindAMissingFile) {
  EXPECT_NE(fault({"transcribe", "--vad", "talk.mp3"}).find("--vad: `talk.mp3` is none of"),
            std::string::npos);
  EXPECT_NE(fault({"transcribe", "--beam", "talk.mp3"}).find("--beam: `talk.mp3`"),
            std::string::npos);
}

TEST(ParseCommandLine, NothingIsTheRootItself) {
  const auto parsed = parse_command_line(root(), {});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->path.size(), 1u);
}

TEST(ParseCommandLine, SurvivesOddWords) {
  for (const Words& words : {Words{""}, Words{"-"}, Words{"--"}, Words{"---"}, Words{"-="},
                             Words{"--=x"}, Words{"transcribe", ""}, Words{"transcribe", "--beam="},
                             Words{"\xff\xfe"}, Words{"transcribe", std::string(100'000, 'a')}}) {
    static_cast<void>(parse_command_line(root(), words));  // An error or not, but no crash.
  }
}

}  // namespace
}  // namespace katip::cli
