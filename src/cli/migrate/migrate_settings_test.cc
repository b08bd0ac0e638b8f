#include "cli/migrate/migrate_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/atomic_file.h"

namespace katip::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MigrateSettingsTest : public ::testing::Test {
 protected:
  MigrateSettingsTest()
      : folder_(fs::path(::testing::TempDir()) / ("migrate-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~MigrateSettingsTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  Result<MigrateSettings> load(const std::string& ini,
                               std::map<std::string, std::string> variables = {},
                               std::vector<std::string> set = {}) {
    Arguments arguments;
    if (!ini.empty()) {
      EXPECT_TRUE(write_file_atomically(folder_ / "x.ini", ini));
      arguments.flags["--ini"] = {(folder_ / "x.ini").string()};
    }
    arguments.flags["--set"] = std::move(set);
    const Environment environment(std::move(variables));
    const auto settings = Settings::load({.environment = environment,
                                          .config_file = std::nullopt,
                                          .environment_name = std::nullopt,
                                          .flags = {}});
    return load_migrate_settings(arguments, settings.value(), environment);
  }
  std::string error(const std::string& ini) {
    const auto settings = load(ini);
    return settings ? "no error" : settings.error().message;
  }

  fs::path folder_;
};

TEST_F(MigrateSettingsTest, WithoutAFolderKatipsOwnRevisionsAreMeant) {
  const auto settings = load("");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_FALSE(settings->folder);
  EXPECT_FALSE(settings->url);
  EXPECT_EQ(settings->text("version_table"), "alembic_version");
}

TEST_F(MigrateSettingsTest, AFileOfAlembicIsUnderstood) {
  const auto settings = load(
      "[alembic]\nscript_location = db\nprepend_sys_path = .\nversion_path_separator = space\n"
      "version_locations = a  %(here)s/b\nfile_template = %%(rev)s\n"
      "sqlalchemy.url = ${HOME_OF_DB:-sqlite:///x.db}\n[loggers]\nkeys = root\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->folder->folder, folder_ / "db");
  EXPECT_THAT(settings->folder->version_folders, ElementsAre(folder_ / "a", folder_ / "b"));
  EXPECT_EQ(settings->folder->file_template, "%(rev)s");
  EXPECT_EQ(settings->url, "sqlite:///x.db");
}

TEST_F(MigrateSettingsTest, TheUrlComesFromFlagsFileAndEnvironmentInThisOrder) {
  const std::map<std::string, std::string> variables = {{"DATABASE_URL", "sqlite:///env.db"}};
  EXPECT_EQ(load("", variables)->url, "sqlite:///env.db");
  EXPECT_EQ(load("[migrate]\nurl = sqlite:///file.db", variables)->url, "sqlite:///file.db");
  EXPECT_EQ(load("[migrate]\nurl = ${DATABASE_URL}", variables)->url, "sqlite:///env.db");
  EXPECT_EQ(load("[migrate]\nurl = ${X:-y}", variables, {"X=sqlite:///x.db"})->url,
            "sqlite:///x.db");
  auto stronger = variables;
  stronger["KATIP_MIGRATE_URL"] = "sqlite:///strong.db";
  EXPECT_EQ(load("[migrate]\nurl = sqlite:///file.db", stronger)->url, "sqlite:///strong.db");
  const std::map<std::string, std::string> alias = {{"POSTGRES_URL", "postgresql://h/d"}};
  EXPECT_EQ(load("", alias)->url, "postgresql://h/d");
  EXPECT_EQ(load("[migrate]\nurl = ${DATABASE_URL:-sqlite:///x.db}", alias)->url,
            "postgresql://h/d");
}

TEST_F(MigrateSettingsTest, FaultsNameFileLineAndWhatWasMeant) {
  EXPECT_THAT(error("[migrate]\n\nlock_timeot = 3"), HasSubstr("x.ini:3: lock_timeot"));
  EXPECT_THAT(error("[migrate]\nlock_timeot = 3"), HasSubstr("Did you mean `lock_timeout`?"));
  EXPECT_THAT(error("[migrate]\nlock_timeout = soon"), HasSubstr("is not a number"));
  EXPECT_THAT(error("[migrate]\nurl = ${NOT_SET}"), HasSubstr("NOT_SET is not set"));
  EXPECT_THAT(error("[other]\na = b"), HasSubstr("no section [migrate]"));
}

}  // namespace
}  // namespace katip::cli
