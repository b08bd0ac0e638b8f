#include "store/testing/database_copy.h"

#include <atomic>
#include <system_error>

#include <fmt/format.h>

namespace katip::store::testing {
namespace {

/// A connection beside the databases that are copied and dropped.
Result<std::unique_ptr<Connection>> administrate(const DatabaseUrl& url) {
  return Connection::open(url.with_database("postgres"), {});
}

}  // namespace

Result<std::unique_ptr<DatabaseCopy>> DatabaseCopy::of(const DatabaseUrl& original) {
  static std::atomic<int> count{0};
  std::unique_ptr<DatabaseCopy> copy(new DatabaseCopy());
  if (original.dialect() == Dialect::kPostgres) {
    const std::string name = fmt::format("{}_copy_{}", original.database(), ++count);
    const auto admin = KATIP_TRY(administrate(original));
    KATIP_TRY(
        admin->execute(fmt::format("create database {} template {}", name, original.database())));
    copy->url_ = original.with_database(name);
    return copy;
  }
  copy->folder_ = std::make_unique<TemporaryFolder>();
  copy->url_ = original.with_path(copy->folder_->path() / "katip.db");
  std::error_code error;
  // Whoever leaves a database last has brought its log into the file.
  std::filesystem::copy_file(original.path(), copy->url_.path(), error);
  if (error) return fail(ErrorCode::kInternal, "cannot copy the database: " + error.message());
  return copy;
}

DatabaseCopy::~DatabaseCopy() {
  if (url_.dialect() != Dialect::kPostgres || url_.database().empty()) return;
  if (const auto admin = administrate(url_)) {
    // One that stays takes room until the server ends, and nothing else.
    static_cast<void>(
        (*admin)->execute(fmt::format("drop database {} with (force)", url_.database())));
  }
}

}  // namespace katip::store::testing
