#include "store/sqlite/sqlite_connection.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/file_lock.h"
#include "base/lru_map.h"
#include "store/sqlite/sqlite_errors.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/write_turns.h"

// Limits on time: SQLite calls on_progress() every few thousand steps of a statement and on_busy()
// when another connection has the lock; both look at the deadline and at the stop token. Tested by
// conformance/ and sqlite_connection_test.cc.
namespace katip::store::sqlite {
namespace {

using std::chrono::milliseconds;
using TimePoint = std::chrono::steady_clock::time_point;

constexpr std::size_t kStatementCountMax = 256;
constexpr int kStepsBetweenLooks = 4'000;  // Some 50 µs.
constexpr milliseconds kBusySleep{1};      // Short: the lock is free for moments only.

struct CloseDatabase {
  void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(Database database, std::filesystem::path path, const ConnectionOptions& options)
      : Connection(Dialect::kSqlite, options),
        path_(std::move(path)),
        turns_(path_.empty() ? nullptr : WriteTurns::of(path_)),
        database_(std::move(database)),
        statements_(kStatementCountMax) {
    sqlite3_progress_handler(database_.get(), kStepsBetweenLooks, &on_progress, this);
    sqlite3_busy_handler(database_.get(), &on_busy, this);
  }

  Status set_up(bool is_memory);

  std::string server_version() const override { return sqlite3_libversion(); }
  bool in_transaction() const override { return sqlite3_get_autocommit(database_.get()) == 0; }
  bool is_alive() override { return true; }

 protected:
  Result<Rows> do_query(std::string_view sql, std::span<const Value> parameters) override;
  Status do_execute(std::string_view script) override;
  Status do_begin(TransactionMode mode) override;
  Status do_commit() override;
  Status do_rollback() override;
  Result<bool> do_try_lock(std::string_view name) override;
  Status do_unlock(std::string_view name) override;
  Status do_set_statement_timeout(milliseconds) override { return {}; }
  Status do_ping(milliseconds) override { return do_execute("select 1"); }

 private:
  enum class End { kItself, kLate, kStopped };

  static int on_progress(void* self);
  static int on_busy(void* self, int count);
  Status take_turn();
  End look();
  void start_watch();
  Error explained(Error error) const;
  Result<Rows> run(Statement& statement, std::span<const Value> parameters);
  Status write_ahead();

  std::filesystem::path path_;
  std::shared_ptr<WriteTurns> turns_;  // Null in memory.
  WriteTurns::Turn turn_;              // While a transaction may write. After the line.
  Database database_;
  LruMap<Statement> statements_;  // After the database, so that it goes first.
  std::map<std::string, FileLock, std::less<>> lock_files_;
  bool is_query_only_ = false;

  // Of the statement that runs.
  std::optional<TimePoint> deadline_;
  std::optional<TimePoint> busy_since_;
  End end_ = End::kItself;
};

SqliteConnection::End SqliteConnection::look() {
  if (stop_requested()) {
    end_ = End::kStopped;
  } else if (deadline_ && options_.clock->now() >= *deadline_) {
    end_ = End::kLate;
  }
  return end_;
}

int SqliteConnection::on_progress(void* self) {
  return static_cast<SqliteConnection*>(self)->look() == End::kItself ? 0 : 1;
}

// Waits a little and says whether to look at the lock again. Only writers of other processes, and
// single statements, are waited for here.
int SqliteConnection::on_busy(void* self, int /*count*/) {
  auto& connection = *static_cast<SqliteConnection*>(self);
  const ConnectionOptions& options = connection.options_;
  const TimePoint now = options.clock->now();
  connection.busy_since_ = connection.busy_since_.value_or(now);
  if (connection.look() != End::kItself || now - *connection.busy_since_ >= options.busy_timeout) {
    return 0;
  }
  options.clock->sleep_for(kBusySleep, {});
  return 1;
}

void SqliteConnection::start_watch() {
  end_ = End::kItself;
  busy_since_.reset();
  deadline_.reset();
  if (options_.statement_timeout > milliseconds(0)) {
    deadline_ = options_.clock->now() + options_.statement_timeout;
  }
}

// SQLite says "interrupted" or "locked" for what our own limits ended.
Error SqliteConnection::explained(Error error) const {
  const bool is_ended = error.code == ErrorCode::kTimeout || error.code == ErrorCode::kOverloaded;
  if (is_ended && end_ == End::kLate) {
    return {ErrorCode::kTimeout, fmt::format("the statement took longer than its limit of {} ms",
                                             options_.statement_timeout.count())};
  }
  if (is_ended && end_ == End::kStopped) {
    return {ErrorCode::kCancelled, "the statement was stopped"};
  }
  return error;
}

Result<Rows> SqliteConnection::run(Statement& statement, std::span<const Value> parameters) {
  start_watch();
  Result<Rows> rows = statement.run(parameters, is_reading());
  if (!rows) {
    return std::unexpected(explained(std::move(rows).error()));
  }
  return rows;
}

Result<Rows> SqliteConnection::do_query(std::string_view sql, std::span<const Value> parameters) {
  if (Statement* const known = statements_.find(sql)) {
    return run(*known, parameters);
  }
  start_watch();
  std::string_view rest = sql;
  Result<Statement> statement = Statement::prepare(database_.get(), rest, Use::kAgain);
  if (!statement) {
    return std::unexpected(explained(std::move(statement).error()));
  }
  if (statement->empty()) {
    return fail(ErrorCode::kInvalidArgument, "there is no statement, only blanks or comments");
  }
  if (rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    Statement next = KATIP_TRY(Statement::prepare(database_.get(), rest, Use::kOnce));
    if (!next.empty()) {
      return fail(ErrorCode::kInvalidArgument, "more than one statement; execute() takes scripts");
    }
  }
  Statement& kept = statements_.insert(std::string(sql), std::move(*statement));
  if (statements_.is_over()) {
    statements_.pop();
  }
  return run(kept, parameters);
}

Status SqliteConnection::do_execute(std::string_view script) {
  while (!script.empty()) {
    start_watch();
    Result<Statement> statement = Statement::prepare(database_.get(), script, Use::kOnce);
    if (!statement) {
      return std::unexpected(explained(std::move(statement).error()));
    }
    if (!statement->empty()) {
      KATIP_TRY(run(*statement, {}));
    }
  }
  return {};
}

// The limits are those of a statement that waits for a lock.
Status SqliteConnection::take_turn() {
  turn_.reset();
  if (turns_ == nullptr) {
    return {};
  }
  const milliseconds limit = options_.statement_timeout;
  const bool is_limit_first = limit > milliseconds(0) && limit <= options_.busy_timeout;
  Result<WriteTurns::Turn> turn =
      turns_->take(is_limit_first ? limit : options_.busy_timeout, stop_token());
  if (turn) {
    turn_ = std::move(*turn);
    return {};
  }
  end_ = turn.error().code == ErrorCode::kCancelled ? End::kStopped
         : is_limit_first                           ? End::kLate
                                                    : End::kItself;
  return std::unexpected(
      explained({ErrorCode::kOverloaded,
                 fmt::format("others have been writing to the database for {} ms; try again later",
                             options_.busy_timeout.count())}));
}

Status SqliteConnection::do_begin(TransactionMode mode) {
  if (mode != TransactionMode::kRead) {
    KATIP_TRY(take_turn());
    // The write lock at once: a transaction that reads first and writes then may find that another
    // one wrote in between, and no wait helps it.
    Status status = do_execute("begin immediate");
    if (!status) {
      turn_.reset();
    }
    return status;
  }
  KATIP_TRY(do_execute("pragma query_only = on"));
  is_query_only_ = true;
  Status status = do_execute("begin");
  if (!status) {
    static_cast<void>(do_rollback());
  }
  return status;
}

Status SqliteConnection::do_commit() {
  KATIP_TRY(do_execute("commit"));
  return do_rollback();
}

// Must succeed whatever limit has passed, or the connection would stay in the transaction.
Status SqliteConnection::do_rollback() {
  deadline_.reset();
  sqlite3_progress_handler(database_.get(), 0, nullptr, nullptr);
  int code = SQLITE_OK;
  if (in_transaction()) {
    code = sqlite3_exec(database_.get(), "rollback", nullptr, nullptr, nullptr);
  }
  if (is_query_only_) {
    sqlite3_exec(database_.get(), "pragma query_only = off", nullptr, nullptr, nullptr);
    is_query_only_ = false;
  }
  turn_.reset();
  sqlite3_progress_handler(database_.get(), kStepsBetweenLooks, &on_progress, this);
  return code == SQLITE_OK ? Status{} : std::unexpected(last_error(database_.get(), code, false));
}

Result<bool> SqliteConnection::do_try_lock(std::string_view name) {
  if (path_.empty()) {
    return true;  // A database in memory has no other connections.
  }
  std::filesystem::path path = path_;
  path += fmt::format(".{}.lock", name);
  std::optional<FileLock> file = KATIP_TRY(FileLock::try_take(path, FileLockKind::kExclusive));
  if (!file) {
    return false;
  }
  lock_files_.emplace(std::string(name), std::move(*file));
  return true;
}

Status SqliteConnection::do_unlock(std::string_view name) {
  if (const auto found = lock_files_.find(name); found != lock_files_.end()) {
    lock_files_.erase(found);
  }
  return {};
}

// Going over to the write-ahead log needs the file alone for a moment, and SQLite does not always
// wait for that by itself: of twenty who open a new file at once, nineteen are told "busy".
Status SqliteConnection::write_ahead() {
  const TimePoint deadline = options_.clock->now() + options_.busy_timeout;
  while (true) {
    Result<Rows> rows = do_query("pragma journal_mode = wal", {});
    if (rows) {
      const auto mode = KATIP_TRY((*rows)[0].get<std::string>(0));
      return mode == "wal" ? Status{}
                           : fail(ErrorCode::kUnavailable,
                                  "the file system has no shared memory for a write-ahead log; put "
                                  "the database on a local disk");
    }
    if (rows.error().code != ErrorCode::kOverloaded || options_.clock->now() >= deadline) {
      return std::unexpected(std::move(rows).error());
    }
    options_.clock->sleep_for(kBusySleep, {});
  }
}

Status SqliteConnection::set_up(bool is_memory) {
  sqlite3* const database = database_.get();
  sqlite3_extended_result_codes(database, 1);
  // "x" is a name and never falls back to a text; no SQL may damage the file. The schema stays
  // trusted: SQLite 3.40 would refuse json_valid() in a check otherwise.
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (!is_memory) {
    KATIP_TRY(write_ahead());
  }
  return do_execute(
      "pragma synchronous = full; pragma foreign_keys = on; pragma journal_size_limit = 67108864");
}

// A new file is readable by its owner only; its log and index get the same rights. mknod() makes it
// without opening it: closing a descriptor of a database would drop the locks that other
// connections of this process have on it.
Status create_private(const std::filesystem::path& path) {
  if (::mknod(path.c_str(), S_IFREG | 0600, 0) == 0 || errno == EEXIST) {
    return {};
  }
  if (errno == ENOENT) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the folder of the database {} does not exist: create it first",
                            path.string()));
  }
  return std::unexpected(file_error("create", path, errno));
}

}  // namespace

Result<std::unique_ptr<Connection>> open_connection(const DatabaseUrl& url,
                                                    const ConnectionOptions& options) {
  std::filesystem::path path;
  if (!url.is_memory()) {
    KATIP_TRY(create_private(url.path()));
    std::error_code error;
    path = std::filesystem::canonical(url.path(), error);
    if (error) {
      return std::unexpected(file_error("open", url.path(), error.value()));
    }
  }
  sqlite3* handle = nullptr;
  const std::string file = url.is_memory() ? ":memory:" : path.string();
  const int code =
      sqlite3_open_v2(file.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) {
    const std::string why = handle == nullptr ? "out of memory" : sqlite3_errmsg(handle);
    return fail(code_of(code, false), fmt::format("cannot open the database {}: {}", file, why));
  }
  auto connection = std::make_unique<SqliteConnection>(std::move(database), path, options);
  if (Status status = connection->set_up(url.is_memory()); !status) {
    return fail("cannot open the database " + file, std::move(status).error());
  }
  return connection;
}

}  // namespace katip::store::sqlite
