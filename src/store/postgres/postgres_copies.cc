#include "store/postgres/postgres_copies.h"

#include <chrono>

#include <fmt/format.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "store/postgres/programs.h"
#include "store/transaction.h"

/// pg_dump reads the snapshot that our own transaction exports, and the rows are counted in that
/// transaction: so a manifest says what the dump holds, whoever writes meanwhile.
///
/// Two renames of databases in one transaction put a copy in place; the server refuses them while
/// anybody is connected.
///
/// Tested by conformance/copies_test.cc.
namespace katip::store::postgres {
namespace {

namespace fs = std::filesystem;

/// Names of databases have 63 bytes; the rest is for the name of the copy.
constexpr std::size_t kPrefixSizeMax = 40;

ConnectionOptions patient() {
  ConnectionOptions options;
  options.statement_timeout = std::chrono::milliseconds(0);
  options.idle_transaction_timeout = std::chrono::milliseconds(0);
  return options;
}

std::string quoted(std::string_view name, char quote) {
  std::string text(1, quote);
  for (const char c : name) text += c == quote ? std::string(2, quote) : std::string(1, c);
  return text + quote;
}
std::string identifier(std::string_view name) { return quoted(name, '"'); }
std::string literal(std::string_view text) { return quoted(text, '\''); }

class PostgresCopies final : public DatabaseCopies {
 public:
  PostgresCopies(const DatabaseUrl& url, DatabaseCopyOptions options)
      : DatabaseCopies(url), options_(std::move(options)) {}

  Result<bool> exists() override { return is_there(url_.database()); }
  Result<std::int64_t> size() override;
  Result<DatabaseFacts> dump(const fs::path& target, std::stop_token stop) override;
  fs::path load_path(std::string_view name) const override {
    return options_.scratch_dir / fmt::format("{}.dump", name);
  }
  Status load(std::string_view name, std::stop_token stop) override;
  Result<DatabaseFacts> check(std::string_view name, std::stop_token stop) override;
  DatabaseUrl url_of(std::string_view name) const override {
    return url_.with_database(database_of(name));
  }
  Result<bool> has(std::string_view name) override { return is_there(database_of(name)); }
  Status drop(std::string_view name) override;
  Status put_in_place(std::string_view name, std::string_view aside) override;
  Status undo_put(std::string_view) override { return {}; }

 private:
  [[nodiscard]] std::string database_of(std::string_view name) const {
    return fmt::format("{}_{}", url_.database().substr(0, kPrefixSizeMax), name);
  }
  Result<std::unique_ptr<Connection>> administrate();
  Result<bool> is_there(const std::string& database);
  Status create(Connection& admin, const std::string& database);
  Status restore(std::string_view name, std::stop_token stop);
  Result<std::string> program(std::string_view name, Connection& sql, std::stop_token stop) {
    return find_program(name, std::stoi(sql.server_version()), options_.postgres_programs,
                        std::move(stop));
  }

  DatabaseCopyOptions options_;
};

/// A connection beside the database, which it may rename.
Result<std::unique_ptr<Connection>> PostgresCopies::administrate() {
  auto connection = Connection::open(url_.with_database("postgres"), patient());
  if (connection) return connection;
  auto other = Connection::open(url_.with_database("template1"), patient());
  if (other) return other;
  return connection;
}

Result<bool> PostgresCopies::is_there(const std::string& database) {
  const auto admin = KATIP_TRY(administrate());
  const Rows rows =
      KATIP_TRY(admin->query("select 1 from pg_database where datname = $1", {database}));
  return rows.size() != 0;
}

Result<std::int64_t> PostgresCopies::size() {
  if (!KATIP_TRY(exists())) return std::int64_t{0};
  const auto live = KATIP_TRY(Connection::open(url_, patient()));
  const Rows rows = KATIP_TRY(live->query("select pg_database_size(current_database())"));
  return rows[0].get<std::int64_t>(0);
}

Result<DatabaseFacts> PostgresCopies::dump(const fs::path& target, std::stop_token stop) {
  const auto live = KATIP_TRY(Connection::open(url_, patient()));
  live->set_stop(stop);
  const std::string pg_dump = KATIP_TRY(program("pg_dump", *live, stop));
  KATIP_TRY(live->begin(TransactionMode::kRead));
  const Rows exported = KATIP_TRY(live->query("select pg_export_snapshot()"));
  const auto snapshot = KATIP_TRY(exported[0].get<std::string>(0));
  // Compressed later, with everything else. Who may do what is up to the server that it goes to.
  KATIP_TRY(run_program(
      {pg_dump, "--dbname=service=katip", "--format=custom", "--compress=0", "--no-owner",
       "--no-privileges", "--no-password", "--snapshot=" + snapshot, "--file=" + target.string()},
      url_, options_.scratch_dir, stop));
  DatabaseFacts facts = KATIP_TRY(facts_of(*live));
  KATIP_TRY(live->rollback());
  return facts;
}

/// As the live one is, if there is one: its encoding and how it sorts.
Status PostgresCopies::create(Connection& admin, const std::string& database) {
  std::string form = "encoding 'UTF8'";
  const Rows live = KATIP_TRY(
      admin.query("select pg_encoding_to_char(encoding) as encoding, datcollate, datctype "
                  "from pg_database where datname = $1",
                  {url_.database()}));
  if (live.size() != 0) {
    const auto encoding = KATIP_TRY(live[0].get<std::string>("encoding"));
    const auto collation = KATIP_TRY(live[0].get<std::string>("datcollate"));
    const auto characters = KATIP_TRY(live[0].get<std::string>("datctype"));
    form = fmt::format("encoding {} lc_collate {} lc_ctype {}", literal(encoding),
                       literal(collation), literal(characters));
  }
  Status made = admin.execute(
      fmt::format("create database {} template template0 {}", identifier(database), form));
  if (made || made.error().code != ErrorCode::kPermissionDenied) return made;
  return fail(ErrorCode::kPermissionDenied,
              fmt::format("backups are verified and restored in a database of their own, which {} "
                          "may not make: alter role {} createdb",
                          identifier(url_.user()), identifier(url_.user())));
}

Status PostgresCopies::restore(std::string_view name, std::stop_token stop) {
  const auto copy = KATIP_TRY(Connection::open(url_of(name), patient()));
  const std::string pg_restore = KATIP_TRY(program("pg_restore", *copy, stop));
  Status restored =
      run_program({pg_restore, "--dbname=service=katip", "--no-owner", "--no-privileges",
                   "--exit-on-error", "--no-password", "--jobs=2", load_path(name).string()},
                  url_of(name), options_.scratch_dir, stop);
  if (restored || restored.error().code != ErrorCode::kInternal) return restored;
  return fail(ErrorCode::kCorruptData, restored.error().message);
}

Status PostgresCopies::load(std::string_view name, std::stop_token stop) {
  KATIP_TRY(drop(name));
  const auto admin = KATIP_TRY(administrate());
  admin->set_stop(stop);
  KATIP_TRY(create(*admin, database_of(name)));
  const Status restored = restore(name, stop);
  ::unlink(load_path(name).c_str());
  if (!restored) static_cast<void>(drop(name));
  return restored;
}

Result<DatabaseFacts> PostgresCopies::check(std::string_view name, std::stop_token stop) {
  // Every row was read and every key checked when it was loaded.
  const auto copy = KATIP_TRY(Connection::open(url_of(name), patient()));
  copy->set_stop(stop);
  return facts_of(*copy);
}

Status PostgresCopies::drop(std::string_view name) {
  const auto admin = KATIP_TRY(administrate());
  // A pg_restore whose katip was killed goes on working on its copy.
  KATIP_TRY(
      admin->query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
                   {database_of(name)}));
  return admin->execute(fmt::format("drop database if exists {}", identifier(database_of(name))));
}

Status PostgresCopies::put_in_place(std::string_view name, std::string_view aside) {
  const bool has_live = KATIP_TRY(exists());
  KATIP_TRY(drop(aside));
  const auto admin = KATIP_TRY(administrate());
  KATIP_TRY(admin->begin(TransactionMode::kWrite));
  const auto rename = [&](const std::string& from, const std::string& to) {
    return admin->execute(
        fmt::format("alter database {} rename to {}", identifier(from), identifier(to)));
  };
  if (has_live) {
    if (Status moved = rename(url_.database(), database_of(aside)); !moved) {
      return fail(ErrorCode::kConflict,
                  fmt::format("somebody is connected to the database {}: stop `katip serve` and "
                              "`katip worker` on every machine ({})",
                              identifier(url_.database()), moved.error().message));
    }
  }
  KATIP_TRY(rename(database_of(name), url_.database()));
  return admin->commit();
}

}  // namespace

Result<std::unique_ptr<DatabaseCopies>> open_copies(const DatabaseUrl& url,
                                                    const DatabaseCopyOptions& options) {
  return std::make_unique<PostgresCopies>(url, options);
}

}  // namespace katip::store::postgres
