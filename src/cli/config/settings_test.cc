#include "cli/config/settings.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"
#include "cli/config/option_table.h"
#include "cli/config/toml_file.h"

namespace katip::cli {
namespace {

namespace fs = std::filesystem;

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override { variables_ = {{"HOME", folder_.string()}}; }

  Result<Settings> load(const std::string& toml) {
    const fs::path file = folder_ / "katip.toml";
    EXPECT_TRUE(write_file_atomically(file, toml));
    return Settings::load({.environment = Environment(variables_),
                           .config_file = file,
                           .environment_name = std::nullopt,
                           .flags = flags_});
  }
  std::string fault(const std::string& toml) {
    const auto settings = load(toml);
    EXPECT_FALSE(settings) << toml;
    return settings ? "" : settings.error().message;
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  std::map<std::string, std::string> variables_;
  std::map<std::string, std::string> flags_;
};

TEST_F(SettingsTest, EachSourceIsStrongerThanTheOneBefore) {
  const std::string file = "[transcribe]\nbeam = 2\n";
  const std::string with_section = file + "[production.transcribe]\nbeam = 3\n";
  EXPECT_EQ(load("")->integer("transcribe.beam"), 5);
  EXPECT_EQ(load(file)->integer("transcribe.beam"), 2);
  EXPECT_EQ(load(with_section)->integer("transcribe.beam"), 2) << "this is not production";
  variables_["KATIP_ENV"] = "production";
  EXPECT_EQ(load(with_section)->integer("transcribe.beam"), 3);
  variables_["KATIP_BEAM"] = "4";
  EXPECT_EQ(load(with_section)->integer("transcribe.beam"), 4);
  flags_["transcribe.beam"] = "6";
  EXPECT_EQ(load(with_section)->integer("transcribe.beam"), 6);
}

TEST_F(SettingsTest, KnowsWhereEachValueCameFrom) {
  variables_ = {{"KATIP_BEAM", "4"}, {"ENVIRONMENT", "staging"}};
  flags_["engine.threads"] = "1";
  const auto settings =
      load("[engine]\nmodel = \"tiny.en\"\n[staging.transcribe]\nlanguage = \"tr\"\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->environment_name(), "staging");
  EXPECT_EQ(settings->at("transcribe.beam").origin, "KATIP_BEAM");
  EXPECT_EQ(settings->at("engine.threads").origin, "--threads");
  EXPECT_EQ(settings->at("engine.model").origin, (folder_ / "katip.toml").string() + ":2");
  EXPECT_TRUE(settings->at("transcribe.language").origin.ends_with("katip.toml:4 [staging]"));
  EXPECT_EQ(settings->at("engine.precision").origin, "default");
}

TEST_F(SettingsTest, SuggestsTheKeyThatWasMeantWithItsPlace) {
  const std::string message = fault("[engine]\nmodle = \"base\"\n");
  EXPECT_NE(message.find("katip.toml:2:1: unknown key `engine.modle`."), std::string::npos)
      << message;
  EXPECT_NE(message.find("Did you mean `engine.model`?"), std::string::npos) << message;
  EXPECT_NE(fault("[engin]\n").find("Did you mean `engine`?"), std::string::npos);
  EXPECT_NE(fault("[prodution.engine]\n").find("Did you mean `production`?"), std::string::npos);
}

TEST_F(SettingsTest, ReportsAllFaultsAtOnceAlsoOfOtherEnvironments) {
  variables_["KATIP_THREADS"] = "many";
  const std::string message =
      fault("[transcribe]\nbeam = 99\n[production.transcribe]\nvad = \"perhaps\"\n");
  EXPECT_NE(message.find("2:8: transcribe.beam: `99` is not a whole number from 1 to 10"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find("`perhaps` is none of on, off"), std::string::npos) << message;
  EXPECT_NE(message.find("KATIP_THREADS: `many`"), std::string::npos) << message;
}

TEST_F(SettingsTest, ChecksTypes) {
  EXPECT_NE(fault("[engine]\nthreads = \"2\"\n").find("must be a whole number"), std::string::npos);
  EXPECT_NE(fault("[engine]\nthreads = 1.5\n").find("is not a whole number"), std::string::npos);
  EXPECT_NE(fault("[engine]\nmodel = 3\n").find("must be a text"), std::string::npos);
  EXPECT_NE(fault("[transcribe]\nwords = \"on\"\n").find("must be true or false"),
            std::string::npos);
  EXPECT_NE(fault("engine = 3\n").find("is a section"), std::string::npos);
  EXPECT_NE(fault("[engine\n").find("katip.toml:1:"), std::string::npos);
}

TEST_F(SettingsTest, UnderstandsListsAndSwitches) {
  const auto settings = load(
      "[transcribe]\nformat = [\"srt\", \"TXT\"]\ntemperature = [0, 0.5]\nwords = true\n"
      "vad = false\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->list("transcribe.format"), (std::vector<std::string>{"srt", "txt"}));
  EXPECT_EQ(settings->list("transcribe.temperature"), (std::vector<std::string>{"0", "0.5"}));
  EXPECT_TRUE(settings->is_on("transcribe.words"));
  EXPECT_EQ(settings->text("transcribe.vad"), "off");
}

TEST_F(SettingsTest, NamesAWrongEnvironment) {
  variables_["KATIP_ENV"] = "prod";
  EXPECT_NE(fault("").find("none of development, staging, production. Did you mean `production`?"),
            std::string::npos);
}

TEST_F(SettingsTest, AFileThatIsNamedMustBeThere) {
  const auto settings = Settings::load({.environment = Environment(),
                                        .config_file = folder_ / "none.toml",
                                        .environment_name = std::nullopt,
                                        .flags = {}});
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().code, ErrorCode::kNotFound);
}

TEST_F(SettingsTest, PutsDataWhereTheDesktopStandardSays) {
  EXPECT_EQ(load("")->models_dir(), folder_ / ".local/share/katip/models");
  variables_["KATIP_DATA"] = "/srv/katip";
  EXPECT_EQ(load("")->models_dir(), "/srv/katip/models");
  variables_["KATIP_MODELS"] = "/models";
  EXPECT_EQ(load("")->models_dir(), "/models");
}

TEST(OptionTable, IsWellFormed) {
  for (const OptionSpec& option : option_table()) {
    EXPECT_EQ(std::ranges::count(option.key, '.'), 1) << option.key;
    EXPECT_FALSE(option.help.empty()) << option.key;
    EXPECT_FALSE(option.environment.empty()) << option.key;
    EXPECT_TRUE(normalise_value(option, option.default_value)) << option.key;
    EXPECT_EQ(std::ranges::count(option_table(), option.key, &OptionSpec::key), 1) << option.key;
    EXPECT_EQ(std::ranges::count(option_table(), option.environment, &OptionSpec::environment), 1)
        << option.environment;
  }
}

TEST(NormaliseValue, RefusesNumbersThatAreNone) {
  const OptionSpec& option = *find_option("transcribe.vad_threshold");
  for (const char* text : {"", "nan", "inf", "0,5", "0.5x", " 0.5", "--1", "1e400"}) {
    EXPECT_FALSE(normalise_value(option, text)) << text;
  }
  EXPECT_TRUE(normalise_value(option, "0.25"));
}

TEST(EnvironmentFile, ReadsWhatDockerReads) {
  const auto environment =
      parse_environment_file("# comment\n\nA=1\nB = \"two words\" \nC='x=y'\nD=\r\n", "f");
  ASSERT_TRUE(environment) << environment.error().message;
  EXPECT_EQ(environment->get("A"), "1");
  EXPECT_EQ(environment->get("B"), "two words");
  EXPECT_EQ(environment->get("C"), "x=y");
  EXPECT_EQ(environment->get("D"), std::nullopt);
  EXPECT_EQ(parse_environment_file("A=1\nnonsense\n", "f").error().message,
            "f:2: expected NAME=value");
}

}  // namespace
}  // namespace katip::cli
