#include "store/migrate/compare/shadow.h"

#include <fmt/format.h>

#include "store/migrate/files/statements.h"

/// Tested by schema_comparison_test.cc.
namespace katip::store::migrate {

Result<Shadow> Shadow::create(Connection& live, const DatabaseUrl& url,
                              const ComparisonOptions& options) {
  Shadow shadow;
  if (live.dialect() == Dialect::kSqlite) {
    const DatabaseUrl memory = KATIP_TRY(DatabaseUrl::parse("sqlite:///:memory:"));
    shadow.connection_ = KATIP_TRY(Connection::open(memory, {}));
    return shadow;
  }
  const std::string name = fmt::format("katip_shadow_{:016x}", options.random->next());
  Status made = fail(ErrorCode::kPermissionDenied, "not tried");
  if (options.shadow_place == ShadowPlace::kDatabase) {
    made = live.execute(fmt::format("create database {} template template0", name));
  }
  if (!made && made.error().code != ErrorCode::kPermissionDenied) {
    return fail("cannot make a shadow database", made.error());
  }
  if (!made) KATIP_TRY(live.execute("create schema " + name));
  shadow.live_ = &live;
  shadow.drop_sql_ = made ? "drop database " + name : fmt::format("drop schema {} cascade", name);
  shadow.connection_ =
      KATIP_TRY(Connection::open(made ? url.with_database(name) : url, ConnectionOptions()));
  if (!made) {
    KATIP_TRY(shadow.connection_->execute(fmt::format("set search_path to {}, public", name)));
  }
  return shadow;
}

Shadow::~Shadow() {
  connection_.reset();  // A database with connections cannot be dropped.
  // What is left behind harms nobody, and its name says what it was.
  if (live_ != nullptr && !drop_sql_.empty()) static_cast<void>(live_->execute(drop_sql_));
}

Status Shadow::apply(std::string_view script) {
  const auto statements = KATIP_TRY(split_statements(script, connection_->dialect()));
  if (statements.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "the declared schema is empty: write the create statements of all tables into it");
  }
  for (const Statement& statement : statements) {
    Status done = connection_->execute(statement.text);
    if (!done) {
      return fail(fmt::format("declared schema, line {}", statement.line), std::move(done).error());
    }
  }
  return {};
}

}  // namespace katip::store::migrate
