#pragma once

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "store/connection.h"
#include "store/testing/test_database.h"

namespace katip::store {

/// The value of a Result that a test cannot go on without.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << name(result.error().code) << ": " << result.error().message;
    std::abort();  // Anything later would only hide this.
  }
  return std::move(result).value();
}
inline void must(const Status& status) {
  ASSERT_TRUE(status) << name(status.error().code) << ": " << status.error().message;
}

/// The code of an error, or nothing for a success: EXPECT_EQ(code(…), ErrorCode::kConflict).
template <typename T>
std::optional<ErrorCode> code(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().code);
}

/// Each test runs once on a SQLite file and once on a real PostgreSQL, on a new database.
class Conformance : public ::testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override { use(testing::TestDatabase::create(GetParam())); }

  void use(Result<std::unique_ptr<testing::TestDatabase>> database) {
    if (!database && database.error().code == ErrorCode::kNotFound) {
      GTEST_SKIP() << database.error().message;
    }
    database_ = must(std::move(database));
    connection_ = connect();
  }

  std::unique_ptr<Connection> connect(const ConnectionOptions& options = {}) const {
    return must(database_->connect(options));
  }
  const testing::TestDatabase& database() const { return *database_; }
  const DatabaseUrl& url() const { return database_->url(); }
  Connection& sql() const { return *connection_; }
  /// Closes the connection of sql(), which must not be used any more.
  void disconnect() { connection_.reset(); }
  bool is_postgres() const { return GetParam() == Dialect::kPostgres; }
  /// The text for this database.
  std::string pick(const char* sqlite, const char* postgres) const {
    return is_postgres() ? postgres : sqlite;
  }

 private:
  std::unique_ptr<testing::TestDatabase> database_;
  std::unique_ptr<Connection> connection_;
};

inline std::string dialect_name(const ::testing::TestParamInfo<Dialect>& info) {
  return info.param == Dialect::kSqlite ? "Sqlite" : "Postgres";
}

#define KATIP_CONFORMANCE(Suite)                                                                 \
  INSTANTIATE_TEST_SUITE_P(Both, Suite, ::testing::Values(Dialect::kSqlite, Dialect::kPostgres), \
                           dialect_name)

}  // namespace katip::store
