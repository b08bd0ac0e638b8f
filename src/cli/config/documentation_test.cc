#include "cli/config/documentation.h"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "cli/config/environment.h"
#include "cli/config/option_table.h"
#include "cli/config/security_check.h"

// The files of the repository must say what the option table says. To write them anew:
//   KATIP_UPDATE=1 build/release/src/cli/katip_cli_test --gtest_filter='Documentation*'
namespace katip::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSizeMax = 1 << 20;
constexpr std::string_view kBegin = "<!-- options: begin -->\n";
constexpr std::string_view kEnd = "<!-- options: end -->";

void expect_file(const fs::path& path, const std::string& wanted) {
  if (std::getenv("KATIP_UPDATE") != nullptr) {
    ASSERT_TRUE(write_file_atomically(path, wanted));
  }
  EXPECT_TRUE(read_whole_file(path, kSizeMax).value_or("") == wanted)
      << path << " is behind the option table: see the first lines of this test";
}

TEST(Documentation, ConfigurationPageHasEveryOption) {
  const fs::path path = fs::path(KATIP_SOURCE_DIR) / "docs" / "configuration.md";
  std::string text = read_whole_file(path, kSizeMax).value_or("");
  const std::size_t begin = text.find(kBegin);
  const std::size_t end = text.find(kEnd);
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos && begin < end) << path;
  text.replace(begin + kBegin.size(), end - begin - kBegin.size(), options_as_markdown());
  expect_file(path, text);
}

class EnvironmentFiles : public testing::TestWithParam<const char*> {};

TEST_P(EnvironmentFiles, HasEveryVariableAndIsReadable) {
  const std::string name = GetParam();
  const fs::path path = fs::path(KATIP_SOURCE_DIR) / (".env." + name);
  expect_file(path, environment_file(name));
  const std::string text = read_whole_file(path, kSizeMax).value_or("");
  EXPECT_TRUE(parse_environment_file(text, path.string()));
  for (const OptionSpec& option : option_table()) {
    EXPECT_NE(text.find("\n# " + std::string(option.environment) + "="), std::string::npos)
        << option.environment;
  }
  for (const ServerVariable& variable : server_variables()) {
    EXPECT_NE(text.find(std::string(variable.name) + "="), std::string::npos) << variable.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Documentation, EnvironmentFiles,
                         testing::Values("example", "development", "staging", "production"));

TEST(Documentation, TheProductionFileIsRefusedUntilItsPlaceholdersAreReplaced) {
  const auto environment = parse_environment_file(environment_file("production"), "f");
  ASSERT_TRUE(environment);
  EXPECT_TRUE(is_refused(check_security(*environment, "production")));
}

}  // namespace
}  // namespace katip::cli
