#pragma once

#include <memory>

#include "base/result.h"
#include "base/testing/temporary_folder.h"
#include "store/connection.h"
#include "store/database_url.h"

namespace katip::store::testing {

/// A new empty database of either kind: a SQLite file, or a database on the PostgreSQL that the
/// tests of this process share.
///
///   class MyConformance : public ::testing::TestWithParam<Dialect> {
///     void SetUp() override {
///       auto database = TestDatabase::create(GetParam());
///       if (!database) GTEST_SKIP() << database.error().message;   // PostgreSQL is not installed
///
/// Threads: immutable.
class TestDatabase {
 public:
  /// Errors: kNotFound when PostgreSQL is not installed; others are faults.
  static Result<std::unique_ptr<TestDatabase>> create(Dialect dialect);

  [[nodiscard]] const DatabaseUrl& url() const { return url_; }
  [[nodiscard]] Result<std::unique_ptr<Connection>> connect(
      const ConnectionOptions& options = {}) const {
    return Connection::open(url_, options);
  }

 private:
  TestDatabase() = default;
  std::unique_ptr<TemporaryFolder> folder_;  // SQLite only.
  DatabaseUrl url_;
};

}  // namespace katip::store::testing
