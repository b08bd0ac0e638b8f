#pragma once

#include <memory>

#include "base/result.h"
#include "base/testing/temporary_folder.h"
#include "store/connection.h"
#include "store/database_url.h"

namespace katip::store::testing {

/// A database that begins as another one is, and goes away with this object: for tests that need
/// the same beginning very often.
///
/// Threads: immutable.
class DatabaseCopy {
 public:
  /// Nobody is connected to the original.
  static Result<std::unique_ptr<DatabaseCopy>> of(const DatabaseUrl& original);
  ~DatabaseCopy();
  DatabaseCopy(const DatabaseCopy&) = delete;
  DatabaseCopy& operator=(const DatabaseCopy&) = delete;

  [[nodiscard]] const DatabaseUrl& url() const { return url_; }
  [[nodiscard]] Result<std::unique_ptr<Connection>> connect(
      const ConnectionOptions& options = {}) const {
    return Connection::open(url_, options);
  }

 private:
  DatabaseCopy() = default;
  std::unique_ptr<TemporaryFolder> folder_;  // SQLite only.
  DatabaseUrl url_;
};

}  // namespace katip::store::testing
