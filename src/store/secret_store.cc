#include "store/secret_store.h"

#include <optional>

#include "store/queries.h"
#include "store/row_fields.h"

/// The statements are in sqlite/accounts.sql and postgres/accounts.sql.
///
/// Tested by conformance/secrets_test.cc on both databases.
namespace katip::store {
namespace {

Result<std::optional<Secret>> find(Connection& sql, std::string_view name) {
  for (const Row row : KATIP_TRY(run_statement(sql, "find_server_secret", {std::string(name)}))) {
    return std::optional(Secret(KATIP_TRY(row.get<std::string>("value"))));
  }
  return std::optional<Secret>();
}

}  // namespace

Result<Secret> keep_server_secret(Connection& sql, std::string_view name, const Secret& offered) {
  std::optional<Secret> kept = KATIP_TRY(find(sql, name));
  if (!kept) {
    KATIP_TRY(run_statement(sql, "insert_server_secret", {std::string(name), offered.reveal()}));
    kept = KATIP_TRY(find(sql, name));
  }
  if (kept) return *std::move(kept);
  return fail(ErrorCode::kInternal, "a secret of the servers was written and is not there");
}

}  // namespace katip::store
