#include "store/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/testing/test_database.h"

/// katip's own revisions, whatever they are, on both databases.
namespace katip::store {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Schema : public ::testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    auto database = testing::TestDatabase::create(GetParam());
    if (!database) GTEST_SKIP() << database.error().message;
    database_ = *std::move(database);
    connection_ = database_->connect().value();
  }

  std::unique_ptr<testing::TestDatabase> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_P(Schema, ANewDatabaseIsUpgradedOnceAndIsCurrentThen) {
  const auto before = schema_status(*connection_);
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_THAT(before->applied, IsEmpty());
  std::size_t told = 0;
  const auto count = upgrade_to_head(*connection_, {.on_step = [&](std::string_view) { ++told; }});
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, before->pending.size());
  EXPECT_EQ(told, *count);
  const auto after = schema_status(*connection_);
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->state, SchemaState::kCurrent);
  EXPECT_EQ(after->applied, after->heads);
  EXPECT_EQ(schema_advice(*after), "");
  EXPECT_EQ(upgrade_to_head(*connection_).value(), 0U);
  EXPECT_EQ(connection_->options().statement_timeout, ConnectionOptions().statement_timeout);
}

TEST_P(Schema, ADatabaseOfANewerProgramIsLeftAlone) {
  ASSERT_TRUE(connection_->execute(
      "create table alembic_version (version_num varchar(32) not null primary key);"
      "insert into alembic_version values ('from_the_future')"));
  const auto status = schema_status(*connection_);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->state, SchemaState::kAhead);
  EXPECT_THAT(schema_advice(*status), HasSubstr("from_the_future"));
  const auto upgraded = upgrade_to_head(*connection_);
  ASSERT_FALSE(upgraded);
  EXPECT_EQ(upgraded.error().code, ErrorCode::kConflict);
}

INSTANTIATE_TEST_SUITE_P(Databases, Schema, ::testing::Values(Dialect::kSqlite, Dialect::kPostgres),
                         [](const auto& info) { return std::string(name(info.param)); });

}  // namespace
}  // namespace katip::store
