#include "store/migrate/run/foreign_keys.h"

#include <utility>

#include <fmt/format.h>

/// Tested by runner_test.cc.
namespace katip::store::migrate {

Result<UnenforcedForeignKeys> UnenforcedForeignKeys::on(Connection& connection) {
  if (connection.dialect() != Dialect::kSqlite) return UnenforcedForeignKeys(nullptr);
  const Rows rows = KATIP_TRY(connection.query("pragma foreign_keys"));
  const bool enforced = !rows.empty() && KATIP_TRY(rows[0].get<std::int64_t>(0)) != 0;
  if (!enforced) return UnenforcedForeignKeys(nullptr);
  KATIP_TRY(connection.execute("pragma foreign_keys = off"));
  return UnenforcedForeignKeys(&connection);
}

UnenforcedForeignKeys::~UnenforcedForeignKeys() {
  // Cannot fail outside of a transaction.
  if (connection_ != nullptr) static_cast<void>(connection_->execute("pragma foreign_keys = on"));
}

UnenforcedForeignKeys::UnenforcedForeignKeys(UnenforcedForeignKeys&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Status check_foreign_keys(Connection& connection) {
  if (connection.dialect() != Dialect::kSqlite) return {};
  const Rows broken = KATIP_TRY(connection.query("pragma foreign_key_check"));
  if (broken.empty()) return {};
  return fail(ErrorCode::kConflict,
              fmt::format("{} rows would be left without their parent, the first in table {} "
                          "without one in {}: move or delete them in the migration",
                          broken.size(), KATIP_TRY(broken[0].get<std::string>(0)),
                          KATIP_TRY(broken[0].get<std::string>(2))));
}

}  // namespace katip::store::migrate
