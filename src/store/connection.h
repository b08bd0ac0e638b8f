#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/database_url.h"
#include "store/value.h"

/// One connection to SQLite or PostgreSQL, with one set of rules for both.
///
///   const DatabaseUrl url = KATIP_TRY(DatabaseUrl::parse("sqlite:///katip.db"));
///   const auto connection = KATIP_TRY(Connection::open(url, {}));
///   KATIP_TRY(connection->query("insert into t (id, name) values ($1, $2)", {7, "kâtip"}));
///
/// Parameters are written $1, $2 … for both. PostgreSQL finds their types from where they stand;
/// where nothing says it, write `cast($1 as bigint)`, which both understand.
namespace katip::store {

/// Is told of every statement, for logs and figures. It never sees parameters: they hold what
/// people said.
///
/// Threads: called by the thread that runs the statement.
class StatementObserver {
 public:
  virtual ~StatementObserver() = default;
  /// `error` is null when the statement succeeded.
  virtual void on_statement(std::string_view sql, std::chrono::microseconds duration,
                            const Error* error) = 0;
};

struct ConnectionOptions {
  /// For reaching the server, its greeting and authentication included (PostgreSQL).
  std::chrono::milliseconds connect_timeout{10'000};
  /// A statement that runs longer is ended; 0: no limit (migrations, backups).
  std::chrono::milliseconds statement_timeout{30'000};
  /// How long a statement waits for locks of others before it gives up with kOverloaded.
  std::chrono::milliseconds busy_timeout{5'000};
  /// A transaction that does nothing for so long is ended by the server (PostgreSQL); 0: never.
  std::chrono::milliseconds idle_transaction_timeout{60'000};
  /// A server that stays silent for so long after a time-out of its own is given up (PostgreSQL).
  std::chrono::milliseconds silence_timeout{5'000};
  std::string application_name = "katip";  ///< What pg_stat_activity shows.
  StatementObserver* observer = nullptr;
  const Clock* clock = &system_clock();
  Rng* rng = &system_rng();

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

/// What a transaction may do.
enum class TransactionMode {
  kRead,   ///< Sees one state of the database; writing is refused.
  kWrite,  ///< SQLite takes the write lock at once; PostgreSQL: read committed.
  /// Like kWrite, for tables that fill and empty faster than they are analysed (the queue's):
  /// PostgreSQL finds their rows by an ordered index, whatever its statistics say. A plan that was
  /// right for an empty table would read all of a full one at every claim.
  kWriteByIndex,
  kSerializable,  ///< As if alone; may have to be tried again (PostgreSQL; SQLite is so anyway).
};

/// Errors (of query, execute, begin, commit):
///   kConflict          a unique, foreign or exclusion key forbids it
///   kInvalidArgument   wrong SQL, wrong parameters, a failed check or not-null; writing in kRead
///   kOverloaded        another transaction is in the way (SQLITE_BUSY, a serialization failure, a
///                      deadlock, a lock waited for too long), or the server has no room: the whole
///                      transaction may be tried again, which run_transaction() does
///   kTimeout           longer than statement_timeout
///   kCancelled         the stop token given to set_stop()
///   kUnavailable       the server cannot be reached or went away, or the disk is full
///   kUnauthenticated, kPermissionDenied, kNotFound (the database itself), kTooLarge, kCorruptData
///
/// After any error inside a transaction only rollback works, on both databases.
///
/// Threads: one thread at a time.
class Connection {
 public:
  /// Creates a SQLite file that is missing (readable by its owner only), never its folder.
  static Result<std::unique_ptr<Connection>> open(const DatabaseUrl& url,
                                                  const ConnectionOptions& options);
  virtual ~Connection() = default;  ///< Open transactions are rolled back, locks given back.
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] Dialect dialect() const { return dialect_; }
  /// "3.40.1", "15.18".
  [[nodiscard]] virtual std::string server_version() const = 0;

  /// Runs one statement. Statements that are used again stay prepared.
  Result<Rows> query(std::string_view sql, std::span<const Value> parameters);
  Result<Rows> query(std::string_view sql, std::initializer_list<Value> parameters = {}) {
    return query(sql, std::span<const Value>(parameters.begin(), parameters.size()));
  }

  /// Runs a script of several statements up to the first error. Outside a transaction PostgreSQL
  /// takes back the whole script then, but SQLite keeps what came before: begin a Transaction where
  /// that matters.
  Status execute(std::string_view script);

  /// Prefer Transaction (transaction.h), which cannot be left open.
  Status begin(TransactionMode mode);
  /// Errors: those above; kUnavailable when the connection broke while committing, so that nobody
  ///         knows whether the transaction happened.
  Status commit();
  /// Ends the transaction, whatever state it is in; no transaction: nothing.
  Status rollback();
  /// True also when a script said `begin` itself.
  [[nodiscard]] virtual bool in_transaction() const = 0;

  /// Takes the lock of this name for as long as the connection lives or until unlock(). It excludes
  /// all other connections to the same database, in any process, and nothing else. False: somebody
  /// else has it. SQLite: a lock on the file `<database>.<name>.lock`.
  ///
  /// Errors: kInvalidArgument (a name is 1 to 48 of a-z, 0-9, "_", "-"), kConflict (this
  ///         connection has it already), and those of query().
  Result<bool> try_lock(std::string_view name);
  /// Errors: kConflict when this connection does not have it.
  Status unlock(std::string_view name);
  [[nodiscard]] const std::set<std::string, std::less<>>& locks() const { return locks_; }

  /// Statements end with kCancelled when this is requested; a default token: never.
  void set_stop(std::stop_token stop) { stop_ = std::move(stop); }
  /// The limit of every statement from now on, as in ConnectionOptions.
  Status set_statement_timeout(std::chrono::milliseconds timeout);

  /// False when the connection is known to be lost: a new one has to be opened. Looks at the socket
  /// and asks nobody.
  [[nodiscard]] virtual bool is_alive() = 0;
  /// Asks the database for an answer, and waits for it so long. A server that gives none is lost.
  Status ping(std::chrono::milliseconds wait);

  [[nodiscard]] const ConnectionOptions& options() const { return options_; }

 protected:
  Connection(Dialect dialect, ConnectionOptions options)
      : options_(std::move(options)), dialect_(dialect) {}

  virtual Result<Rows> do_query(std::string_view sql, std::span<const Value> parameters) = 0;
  virtual Status do_execute(std::string_view script) = 0;
  virtual Status do_begin(TransactionMode mode) = 0;
  virtual Status do_commit() = 0;
  virtual Status do_rollback() = 0;
  virtual Result<bool> do_try_lock(std::string_view name) = 0;
  virtual Status do_unlock(std::string_view name) = 0;
  virtual Status do_set_statement_timeout(std::chrono::milliseconds timeout) = 0;
  virtual Status do_ping(std::chrono::milliseconds wait) = 0;

  [[nodiscard]] bool stop_requested() const { return stop_.stop_requested(); }
  [[nodiscard]] const std::stop_token& stop_token() const { return stop_; }
  /// Whether a refusal to write is what begin(kRead) asked for.
  [[nodiscard]] bool is_reading() const { return is_open_ && mode_ == TransactionMode::kRead; }

  ConnectionOptions options_;

 private:
  [[nodiscard]] Status check_usable(std::string_view sql) const;
  template <typename Function>
  auto observed(std::string_view sql, Function&& function);

  Dialect dialect_;
  TransactionMode mode_ = TransactionMode::kWrite;
  bool is_open_ = false;    // begin() was called, and neither commit() nor rollback() since.
  bool is_failed_ = false;  // A statement of the open transaction failed.
  std::set<std::string, std::less<>> locks_;
  std::stop_token stop_;
};

}  // namespace katip::store
