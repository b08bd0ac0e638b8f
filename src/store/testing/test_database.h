#pragma once

#include <memory>

#include "base/result.h"
#include "base/testing/temporary_folder.h"
#include "store/connection.h"
#include "store/database_url.h"

namespace katip::store::testing {

/// A new database of either kind: a SQLite file, or a database on the PostgreSQL that the
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
  /// One with the whole schema of katip, a copy of one that this process has brought there once:
  /// to run the revisions takes several times as long.
  static Result<std::unique_ptr<TestDatabase>> create_at_head(Dialect dialect);
  /// One that begins as this is. Nobody is connected to this.
  [[nodiscard]] Result<std::unique_ptr<TestDatabase>> copy() const;
  /// Gives its room back, which takes as long as making it; else it stays until its server ends,
  /// or until this object does (SQLite).
  void drop();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

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
