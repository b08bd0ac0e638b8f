#include "store/migrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"
#include "store/testing/test_database.h"

namespace katip::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MigratorTest : public ::testing::Test {
 protected:
  void write(const std::string& id, const std::string& revises, const std::string& rest) {
    ASSERT_TRUE(write_file_atomically(
        folder_.path() / (id + ".sql"),
        "-- revision: " + id + "\n-- revises: " + revises + "\n-- message: m\n" + rest));
  }
  Migrations migrations() { return Migrations::of_folder({.folder = folder_.path()}).value(); }

  TemporaryFolder folder_;
  std::unique_ptr<testing::TestDatabase> database_ =
      testing::TestDatabase::create(Dialect::kSqlite).value();
  std::unique_ptr<Connection> connection_ = database_->connect().value();
};

TEST_F(MigratorTest, WhatLosesDataIsRefusedUntilItIsAllowed) {
  write("01", "", "-- upgrade\ncreate table a (x);\n-- downgrade\ndrop table a;\n");
  write("02", "01", "-- upgrade\nalter table a drop column x;\n-- downgrade\n");
  const Migrations files = migrations();
  Migrator careful(*connection_, files, {});
  ASSERT_TRUE(careful.upgrade("01"));
  const auto refused = careful.upgrade("02");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("02.sql:5: the data of a.x is lost"));
  EXPECT_FALSE(careful.downgrade("base"));
  EXPECT_THAT(careful.applied().value(), ElementsAre("01"));
  Migrator bold(*connection_, files, {.allows_data_loss = true});
  const auto report = bold.downgrade("base");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->steps, ElementsAre("downgrade 01 -> , m"));
  EXPECT_THAT(report->rows, IsEmpty());
}

TEST_F(MigratorTest, AnEditedRevisionIsFound) {
  write("01", "", "-- upgrade\ncreate table a (x);\n-- downgrade\ndrop table a;\n");
  const Migrations before = migrations();
  ASSERT_TRUE(Migrator(*connection_, before, {}).upgrade("head"));
  EXPECT_THAT(Migrator(*connection_, before, {}).verify().value(), IsEmpty());
  write("01", "", "-- upgrade\ncreate table a (x, y);\n-- downgrade\ndrop table a;\n");
  const Migrations after = migrations();
  EXPECT_THAT(Migrator(*connection_, after, {}).verify().value(),
              ElementsAre(HasSubstr("01.sql: the upgrade of revision 01 was changed")));
}

}  // namespace
}  // namespace katip::store
