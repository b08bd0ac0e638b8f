#include "cli/config/database_choice.h"

#include <gtest/gtest.h>

namespace katip::cli {
namespace {

std::string chosen(std::map<std::string, std::string> variables) {
  const auto named = database_of_environment(Environment(std::move(variables)));
  return named ? named->variable + " " + named->url : "none";
}

TEST(DatabaseChoice, IsDatabaseUrlOrElsePostgresUrl) {
  EXPECT_EQ(chosen({}), "none");
  EXPECT_EQ(chosen({{"POSTGRES_URL", "b"}}), "POSTGRES_URL b");
  EXPECT_EQ(chosen({{"DATABASE_URL", "a"}, {"POSTGRES_URL", "b"}}), "DATABASE_URL a");
}

TEST(DatabaseChoice, AnEmptyVariableIsNone) {
  EXPECT_EQ(chosen({{"DATABASE_URL", ""}, {"POSTGRES_URL", "b"}}), "POSTGRES_URL b");
  EXPECT_EQ(chosen({{"DATABASE_URL", ""}, {"POSTGRES_URL", ""}}), "none");
}

TEST(DatabaseChoice, OtherwiseItIsAFileInTheDataFolder) {
  EXPECT_EQ(default_database_url("/var/lib/katip"), "sqlite:////var/lib/katip/katip.db");
}

}  // namespace
}  // namespace katip::cli
