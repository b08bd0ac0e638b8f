#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "store/connection.h"

/// Transactions that cannot be left open, and their repetition when others were in the way.
///
///   const auto id = KATIP_TRY(run_transaction(*connection, {}, stop,
///       [&](Connection& sql) -> Result<std::int64_t> { ... }));   // may run more than once
namespace katip::store {

/// Begins on creation and rolls back at its end unless commit() was called.
///
/// Threads:  one thread.
/// Lifetime: the connection outlives it.
class Transaction {
 public:
  /// Errors: those of Connection; kConflict when a transaction is open already.
  static Result<Transaction> begin(Connection& connection,
                                   TransactionMode mode = TransactionMode::kWrite);
  ~Transaction();
  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&& other) noexcept;

  Status commit();
  Status rollback();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;  // Null when it has ended.
};

/// How often and how long run_transaction() tries. The wait before attempt n is chosen evenly from
/// [0, min(backoff_max, backoff_first * 2^(n-1))]: full jitter, so that those who collided once do
/// not meet again.
struct RetryOptions {
  TransactionMode mode = TransactionMode::kWrite;
  int attempt_count_max = 8;
  std::chrono::milliseconds backoff_first{5};
  std::chrono::milliseconds backoff_max{1'000};
  std::chrono::milliseconds time_max{30'000};  ///< No new attempt after this.

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

/// The wait before attempt number `attempt` (the first repetition is 1).
std::chrono::milliseconds jittered_backoff(const RetryOptions& options, int attempt, Rng& rng);

/// Runs `body` in a transaction and commits it; after kOverloaded from it or from commit, all of it
/// again. So `body` has to be repeatable: it changes nothing but the database. Other errors roll
/// back and are returned. Clock and chance are those of the connection's options.
///
/// Errors: those of `body` and of Connection; kCancelled.
Status run_transaction(Connection& connection, const RetryOptions& options, std::stop_token stop,
                       const std::function<Status(Connection&)>& body);

/// The same for a body that gives a value: Result<T> from Result<T>(Connection&).
template <typename Body>
  requires(!std::is_same_v<std::invoke_result_t<Body&, Connection&>, Status>)
auto run_transaction(Connection& connection, const RetryOptions& options, std::stop_token stop,
                     Body&& body) -> std::invoke_result_t<Body&, Connection&> {
  std::invoke_result_t<Body&, Connection&> value = fail(ErrorCode::kInternal, "did not run");
  const std::function<Status(Connection&)> keep = [&](Connection& sql) -> Status {
    value = body(sql);
    return value ? Status{} : Status(std::unexpected(value.error()));
  };
  Status status = run_transaction(connection, options, std::move(stop), keep);
  if (!status) {
    return std::unexpected(std::move(status).error());
  }
  return value;
}

}  // namespace katip::store
