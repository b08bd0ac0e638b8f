#include "store/connection.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "store/postgres/postgres_connection.h"
#include "store/sqlite/sqlite_connection.h"

// The rules that hold for both databases; what differs is in sqlite/ and postgres/. Tested by
// conformance/.
namespace katip::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTimeoutMax = std::chrono::hours(24);
constexpr std::size_t kLockNameSizeMax = 48;

Status check_range(std::string_view field, milliseconds value, milliseconds least) {
  if (value < least || value > kTimeoutMax) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} must be from {} to {} ms, not {}", field, least.count(),
                            kTimeoutMax.count(), value.count()));
  }
  return {};
}

bool is_lock_name(std::string_view name) {
  return !name.empty() && name.size() <= kLockNameSizeMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// `rollback` and `rollback to savepoint` are what a failed transaction still takes.
bool is_rollback(std::string_view sql) {
  constexpr std::string_view kWord = "rollback";
  const std::size_t start = sql.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) {
    return false;
  }
  const std::string_view word = sql.substr(start, kWord.size());
  return std::ranges::equal(word, kWord, {}, [](unsigned char c) { return std::tolower(c); });
}

std::string_view begin_text(TransactionMode mode) {
  switch (mode) {
    case TransactionMode::kRead:
      return "begin isolation level repeatable read read only";
    case TransactionMode::kWrite:
    case TransactionMode::kWriteByIndex:
      return "begin";
    case TransactionMode::kSerializable:
      return "begin isolation level serializable";
  }
  return "begin";
}

}  // namespace

Status ConnectionOptions::validate() const {
  KATIP_TRY(check_range("connect_timeout", connect_timeout, milliseconds(1)));
  KATIP_TRY(check_range("statement_timeout", statement_timeout, milliseconds(0)));
  KATIP_TRY(check_range("busy_timeout", busy_timeout, milliseconds(1)));
  KATIP_TRY(check_range("idle_transaction_timeout", idle_transaction_timeout, milliseconds(0)));
  return check_range("silence_timeout", silence_timeout, milliseconds(1));
}

Result<std::unique_ptr<Connection>> Connection::open(const DatabaseUrl& url,
                                                     const ConnectionOptions& options) {
  KATIP_TRY(options.validate());
  return url.dialect() == Dialect::kSqlite ? sqlite::open_connection(url, options)
                                           : postgres::open_connection(url, options);
}

Status Connection::check_usable(std::string_view sql) const {
  if (stop_requested()) {
    return fail(ErrorCode::kCancelled, "stopped before the statement ran");
  }
  if (is_failed_ && !is_rollback(sql)) {
    return fail(ErrorCode::kInternal,
                "a statement of this transaction failed: it can only be rolled back");
  }
  return {};
}

// Measures, tells the observer, and remembers when a transaction cannot go on.
template <typename Function>
auto Connection::observed(std::string_view sql, Function&& function) {
  const bool was_inside = is_open_ || in_transaction();
  const auto start = options_.clock->now();
  auto result = function();
  if (!result && (was_inside || in_transaction())) {
    is_failed_ = true;
  } else if (result && is_rollback(sql)) {
    is_failed_ = false;
  }
  if (options_.observer != nullptr) {
    options_.observer->on_statement(
        sql, std::chrono::duration_cast<std::chrono::microseconds>(options_.clock->now() - start),
        result ? nullptr : &result.error());
  }
  return result;
}

Result<Rows> Connection::query(std::string_view sql, std::span<const Value> parameters) {
  KATIP_TRY(check_usable(sql));
  return observed(sql, [&]() -> Result<Rows> {
    if (sql.find('\0') != std::string_view::npos) {
      return fail(ErrorCode::kInvalidArgument, "the statement holds a zero byte");
    }
    KATIP_TRY(check_parameters(parameters));
    return do_query(sql, parameters);
  });
}

Status Connection::execute(std::string_view script) {
  KATIP_TRY(check_usable(script));
  return observed(script, [&]() -> Status {
    if (script.find('\0') != std::string_view::npos) {
      return fail(ErrorCode::kInvalidArgument, "the script holds a zero byte");
    }
    return do_execute(script);
  });
}

Status Connection::begin(TransactionMode mode) {
  if (is_open_ || in_transaction()) {
    return fail(ErrorCode::kConflict, "a transaction is open already on this connection");
  }
  KATIP_TRY(check_usable({}));
  mode_ = mode;
  KATIP_TRY(observed(begin_text(mode), [&] { return do_begin(mode); }));
  is_open_ = true;
  return {};
}

Status Connection::commit() {
  if (is_failed_) {
    return fail(ErrorCode::kInternal,
                "a statement of this transaction failed: it can only be rolled back");
  }
  Status status = observed("commit", [&] { return do_commit(); });
  if (!status) {
    // PostgreSQL has ended it, SQLite may have not: the same for both.
    static_cast<void>(rollback());
    return status;
  }
  is_open_ = false;
  return {};
}

Status Connection::rollback() {
  if (!is_open_ && !in_transaction()) {
    is_failed_ = false;
    return {};
  }
  Status status = observed("rollback", [&] { return do_rollback(); });
  is_open_ = false;
  is_failed_ = false;
  return status;
}

Result<bool> Connection::try_lock(std::string_view name) {
  if (!is_lock_name(name)) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("the name of a lock is 1 to {} of a-z, 0-9, _ and -", kLockNameSizeMax));
  }
  if (locks_.contains(name)) {
    return fail(ErrorCode::kConflict, fmt::format("this connection has the lock {} already", name));
  }
  const bool is_taken = KATIP_TRY(do_try_lock(name));
  if (is_taken) {
    locks_.emplace(name);
  }
  return is_taken;
}

Status Connection::unlock(std::string_view name) {
  const auto found = locks_.find(name);
  if (found == locks_.end()) {
    return fail(ErrorCode::kConflict, fmt::format("this connection has no lock {}", name));
  }
  locks_.erase(found);
  return do_unlock(name);
}

Status Connection::set_statement_timeout(milliseconds timeout) {
  KATIP_TRY(check_range("statement_timeout", timeout, milliseconds(0)));
  KATIP_TRY(do_set_statement_timeout(timeout));
  options_.statement_timeout = timeout;
  return {};
}

Status Connection::ping(milliseconds wait) {
  KATIP_TRY(check_usable({}));
  return do_ping(wait);
}

}  // namespace katip::store
