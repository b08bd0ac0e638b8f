#include "cli/config/auto_migrate.h"

#include <gmock/gmock.h>

namespace katip::cli {
namespace {

using ::testing::HasSubstr;

Result<AutoMigrate> chosen(std::map<std::string, std::string> variables) {
  return auto_migrate_of(Environment(std::move(variables)));
}

std::string refusal(std::map<std::string, std::string> variables) {
  const auto result = chosen(std::move(variables));
  return result ? "none" : result.error().message;
}

TEST(AutoMigrate, IsLeftToTheDatabaseWhereNobodySaysAnything) {
  const auto nothing = chosen({});
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->is_wanted, std::nullopt);
  EXPECT_EQ(nothing->wait, std::chrono::seconds(60));
}

TEST(AutoMigrate, UnderstandsTheUsualSpellings) {
  for (const char* text : {"true", "True", "TRUE", "yes", "Yes", "on", "ON", "1"}) {
    const auto result = chosen({{"AUTO_MIGRATE", text}});
    ASSERT_TRUE(result) << text;
    EXPECT_EQ(result->is_wanted, true) << text;
  }
  for (const char* text : {"false", "False", "no", "NO", "off", "0"}) {
    const auto result = chosen({{"AUTO_MIGRATE", text}});
    ASSERT_TRUE(result) << text;
    EXPECT_EQ(result->is_wanted, false) << text;
  }
}

TEST(AutoMigrate, RefusesEverythingElseAndSaysWhatIsAllowed) {
  for (const char* text : {"maybe", "2", "truee", " ", "-1"}) {
    const std::string message = refusal({{"AUTO_MIGRATE", text}});
    EXPECT_THAT(message, HasSubstr("AUTO_MIGRATE: ")) << text;
    EXPECT_THAT(message, HasSubstr("true, yes, on or 1, or false, no, off or 0")) << text;
  }
}

TEST(AutoMigrate, WaitsAsLongAsItIsTold) {
  const auto patient = chosen({{"AUTO_MIGRATE_TIMEOUT", "600"}});
  ASSERT_TRUE(patient);
  EXPECT_EQ(patient->wait, std::chrono::minutes(10));
  const auto once = chosen({{"AUTO_MIGRATE_TIMEOUT", "0"}});
  ASSERT_TRUE(once);
  EXPECT_EQ(once->wait, std::chrono::seconds(0));
  for (const char* text : {"-1", "86401", "ten", "1.5", "60s", "99999999999999999999"}) {
    EXPECT_THAT(refusal({{"AUTO_MIGRATE_TIMEOUT", text}}), HasSubstr("AUTO_MIGRATE_TIMEOUT: "))
        << text;
  }
}

}  // namespace
}  // namespace katip::cli
