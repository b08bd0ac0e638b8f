#include "store/migrate/run/script.h"

#include <algorithm>

#include <fmt/format.h>

#include "store/migrate/run/checksums.h"
#include "store/migrate/run/foreign_keys.h"
#include "store/migrate/run/invalid_index.h"
#include "store/transaction.h"

/// Tested by runner_test.cc.
namespace katip::store::migrate {
namespace {

constexpr std::string_view kProgressTable = "katip_migration_progress";

}  // namespace

Status check_has_section(const RevisionFile& file, Direction direction, Dialect dialect) {
  if (file.has_section(direction, dialect)) return {};
  return fail(ErrorCode::kConflict,
              fmt::format("{} has no section '-- {}' for {}: write one, empty if there is nothing "
                          "to do",
                          file.path.string(), name(direction), store::name(dialect)));
}

Result<Script> Script::of(Connection& connection, const RevisionFile& file, Direction direction) {
  KATIP_TRY(check_has_section(file, direction, connection.dialect()));
  auto statements = KATIP_TRY(file.statements(direction, connection.dialect()));
  return Script(connection, file, direction, std::move(statements));
}

Status Script::execute(const Statement& statement) {
  Status done = connection_->execute(statement.text);
  if (done) return {};
  return fail(fmt::format("{}:{}", file_->path.string(), statement.line), std::move(done).error());
}

Status Script::run_inside_transaction() {
  for (const Statement& statement : statements_) {
    if (!statement.no_transaction) KATIP_TRY(execute(statement));
  }
  return check_foreign_keys(*connection_);
}

Status Script::run(const std::function<Status()>& finish) {
  if (std::ranges::any_of(statements_, &Statement::no_transaction)) return run_in_pieces(finish);
  Transaction transaction = KATIP_TRY(Transaction::begin(*connection_));
  KATIP_TRY(run_inside_transaction());
  KATIP_TRY(finish());
  return transaction.commit();
}

Result<std::size_t> Script::done_count() {
  KATIP_TRY(connection_->execute(
      fmt::format("create table if not exists {} (revision_id varchar(32) not null, direction "
                  "varchar(16) not null, done_count bigint not null, sha256 char(64) not null, "
                  "primary key (revision_id, direction))",
                  kProgressTable)));
  const Rows rows = KATIP_TRY(connection_->query(
      fmt::format("select done_count, sha256 from {} where revision_id = $1 and direction = $2",
                  kProgressTable),
      {Value(file_->id), Value(name(direction_))}));
  if (rows.empty()) return std::size_t{0};
  const auto sha256 = KATIP_TRY(rows[0].get<std::string>(1));
  const std::string now = KATIP_TRY(checksum_of(*file_, direction_, connection_->dialect()));
  if (sha256 != now) {
    return fail(ErrorCode::kConflict,
                fmt::format("{} was changed after a part of it had run: put it back, or finish by "
                            "hand, delete its row in {} and stamp",
                            file_->path.string(), kProgressTable));
  }
  const auto count = KATIP_TRY(rows[0].get<std::int64_t>(0));
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(count, 0, static_cast<std::int64_t>(statements_.size())));
}

Status Script::save_done_count(std::size_t count) {
  const std::string sha256 = KATIP_TRY(checksum_of(*file_, direction_, connection_->dialect()));
  KATIP_TRY(connection_->query(
      fmt::format("delete from {} where revision_id = $1 and direction = $2", kProgressTable),
      {Value(file_->id), Value(name(direction_))}));
  if (count == 0) return {};
  KATIP_TRY(
      connection_->query(fmt::format("insert into {} (revision_id, direction, done_count, sha256) "
                                     "values ($1, $2, $3, $4)",
                                     kProgressTable),
                         {Value(file_->id), Value(name(direction_)),
                          Value(static_cast<std::int64_t>(count)), Value(sha256)}));
  return {};
}

Status Script::run_in_pieces(const std::function<Status()>& finish) {
  std::size_t next = KATIP_TRY(done_count());
  while (next < statements_.size()) {
    if (statements_[next].no_transaction) {
      KATIP_TRY(drop_invalid_index(*connection_, statements_[next]));
      KATIP_TRY(execute(statements_[next]));
      Transaction transaction = KATIP_TRY(Transaction::begin(*connection_));
      KATIP_TRY(save_done_count(++next));
      KATIP_TRY(transaction.commit());
      continue;
    }
    Transaction transaction = KATIP_TRY(Transaction::begin(*connection_));
    while (next < statements_.size() && !statements_[next].no_transaction) {
      KATIP_TRY(execute(statements_[next++]));
    }
    KATIP_TRY(check_foreign_keys(*connection_));
    KATIP_TRY(save_done_count(next));
    KATIP_TRY(transaction.commit());
  }
  Transaction transaction = KATIP_TRY(Transaction::begin(*connection_));
  KATIP_TRY(finish());
  KATIP_TRY(save_done_count(0));
  return transaction.commit();
}

}  // namespace katip::store::migrate
