#include "store/queries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::store {
namespace {

using ::testing::ElementsAre;

TEST(Queries, ReadsBlocksByTheirNames) {
  const Queries queries(
      "-- A file.\n\n-- name: one\nselect 1;\n\n-- name: two\n-- why\nselect 2\n");
  EXPECT_THAT(queries.names(), ElementsAre("one", "two"));
  EXPECT_EQ(queries.get("one"), "select 1;");
  EXPECT_EQ(queries.get("two"), "-- why\nselect 2");
}

TEST(Queries, AFileWithoutBlocksHasNone) {
  EXPECT_TRUE(Queries("-- nothing yet\n").names().empty());
}

TEST(Queries, BothDatabasesHaveTheSameNames) {
  EXPECT_EQ(Queries::of(Dialect::kSqlite).names(), Queries::of(Dialect::kPostgres).names());
}

}  // namespace
}  // namespace katip::store
