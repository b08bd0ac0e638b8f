#include "store/rehearsal.h"

#include <utility>

#include <fmt/format.h>

#include "base/disk_room.h"
#include "store/postgres/schema_copy.h"
#include "store/sqlite/file_copy.h"

/// Tested by rehearsal_test.cc.
namespace katip::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLockName = "dry-run";
constexpr std::string_view kSuffix = ".dry-run";
constexpr std::int64_t kSpare = std::int64_t{16} << 20;

/// Revisions write too, at worst every table once more, but that cannot be known before.
Status check_room(const fs::path& folder, std::int64_t size, const RehearsalOptions& options) {
  if (options.has_room) return options.has_room(folder, size + kSpare);
  return check_disk_room(folder, size + kSpare,
                         "a dry run works on a copy of the database: make room, or try it on "
                         "another machine");
}

}  // namespace

Status Rehearsal::copy_file(Connection& live, const DatabaseUrl& url,
                            const RehearsalOptions& options) {
  const auto file = KATIP_TRY(sqlite::file_of(live));
  if (!file) {  // Nobody else has seen it, so it is empty.
    connection_ = KATIP_TRY(Connection::open(url, options.connection));
    return {};
  }
  lock_.emplace(
      KATIP_TRY(SessionLock::acquire(live, kLockName, options.lock_timeout, options.stop)));
  fs::path copy = *file;
  copy += kSuffix;
  KATIP_TRY(sqlite::remove_database(copy));
  const std::int64_t size = KATIP_TRY(sqlite::copy_size(live));
  KATIP_TRY(check_room(file->parent_path(), size, options));
  KATIP_TRY(sqlite::copy_to(*file, copy, options.stop));
  remove_ = [copy] {
    static_cast<void>(sqlite::remove_database(copy));
    std::error_code ignored;
    fs::remove(copy.string() + ".migrate.lock", ignored);
  };
  connection_ = KATIP_TRY(Connection::open(url.with_path(copy), options.connection));
  return {};
}

Status Rehearsal::copy_database(Connection& live, const DatabaseUrl& url,
                                const RehearsalOptions& options) {
  const std::string name = fmt::format("katip_shadow_{:016x}", options.random->next());
  // As the live one is: its encoding and how it sorts.
  const Rows statement = KATIP_TRY(live.query(
      "select format('create database %I template template0 encoding %L lc_collate %L lc_ctype "
      "%L', cast($1 as text), pg_encoding_to_char(encoding), datcollate, datctype) from "
      "pg_database where datname = current_database()",
      {Value(name)}));
  const Status made = live.execute(KATIP_TRY(statement[0].get<std::string>(0)));
  if (!made && made.error().code == ErrorCode::kPermissionDenied) {
    return fail(ErrorCode::kPermissionDenied,
                "a dry run works on a copy in a database of its own, which this user may not make: "
                "alter role … createdb");
  }
  if (!made) return fail("cannot make a database for the dry run", made.error());
  // What is left behind harms nobody, and its name says what it was.
  remove_ = [&live, name] { static_cast<void>(live.execute("drop database " + name)); };
  has_rows_ = KATIP_TRY(postgres::copy_database({.from = url, .to = url.with_database(name)},
                                                {.version_table = options.version_table,
                                                 .rows_size_max = options.rows_size_max,
                                                 .scratch_dir = options.scratch_dir,
                                                 .postgres_programs = options.postgres_programs,
                                                 .lock_timeout = options.lock_timeout,
                                                 .stop = options.stop}));
  connection_ = KATIP_TRY(Connection::open(url.with_database(name), options.connection));
  return {};
}

Result<Rehearsal> Rehearsal::create(Connection& live, const DatabaseUrl& url,
                                    const RehearsalOptions& options) {
  Rehearsal rehearsal;
  if (live.dialect() == Dialect::kSqlite) {
    KATIP_TRY(rehearsal.copy_file(live, url, options));
  } else {
    KATIP_TRY(rehearsal.copy_database(live, url, options));
  }
  rehearsal.connection_->set_stop(options.stop);
  return rehearsal;
}

Rehearsal::Rehearsal(Rehearsal&& other) noexcept
    : lock_(std::move(other.lock_)),
      remove_(std::exchange(other.remove_, nullptr)),
      connection_(std::move(other.connection_)),
      has_rows_(other.has_rows_) {}

Rehearsal::~Rehearsal() {
  connection_.reset();  // What somebody is connected to cannot be removed.
  if (remove_) remove_();
}

}  // namespace katip::store
