#include "store/transaction.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/event_counters.h"

// Tested by transaction_test.cc (waits and limits) and conformance/transactions_test.cc.
namespace katip::store {
namespace {

using std::chrono::milliseconds;

// One whole attempt. What went wrong inside it has been rolled back when this returns.
Status attempt(Connection& connection, TransactionMode mode,
               const std::function<Status(Connection&)>& body) {
  Transaction transaction = KATIP_TRY(Transaction::begin(connection, mode));
  KATIP_TRY(body(connection));
  return transaction.commit();
}

}  // namespace

Result<Transaction> Transaction::begin(Connection& connection, TransactionMode mode) {
  KATIP_TRY(connection.begin(mode));
  return Transaction(connection);
}

Transaction::~Transaction() {
  // A rollback that fails leaves a connection that is lost, and the server rolls back then.
  static_cast<void>(rollback());
}

Transaction& Transaction::operator=(Transaction&& other) noexcept {
  if (this != &other) {
    static_cast<void>(rollback());
    connection_ = std::exchange(other.connection_, nullptr);
  }
  return *this;
}

Status Transaction::commit() {
  Connection* const connection = std::exchange(connection_, nullptr);
  if (connection == nullptr) {
    return fail(ErrorCode::kInternal, "the transaction has ended already");
  }
  Status status = connection->commit();
  if (!status) {
    static_cast<void>(connection->rollback());
  }
  return status;
}

Status Transaction::rollback() {
  Connection* const connection = std::exchange(connection_, nullptr);
  return connection == nullptr ? Status{} : connection->rollback();
}

Status RetryOptions::validate() const {
  if (attempt_count_max < 1 || attempt_count_max > 1'000) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("attempt_count_max must be 1 to 1000, not {}", attempt_count_max));
  }
  if (backoff_first < milliseconds(1) || backoff_max < backoff_first) {
    return fail(ErrorCode::kInvalidArgument,
                "backoff_first must be at least 1 ms, and backoff_max at least as much");
  }
  if (time_max < milliseconds(0)) {
    return fail(ErrorCode::kInvalidArgument, "time_max must not be negative");
  }
  return {};
}

milliseconds jittered_backoff(const RetryOptions& options, int attempt, Rng& rng) {
  // Beyond 2^20 every sensible first wait has passed its limit, and a shift could overflow.
  const auto doubled = options.backoff_first * (std::int64_t{1} << std::clamp(attempt - 1, 0, 20));
  const milliseconds limit = std::min(options.backoff_max, doubled);
  const auto choices = static_cast<std::uint64_t>(limit.count()) + 1;
  return milliseconds(static_cast<std::int64_t>(rng.next() % choices));
}

Status run_transaction(Connection& connection, const RetryOptions& options, std::stop_token stop,
                       const std::function<Status(Connection&)>& body) {
  KATIP_TRY(options.validate());
  const Clock& clock = *connection.options().clock;
  const auto deadline = clock.now() + options.time_max;
  for (int number = 1;; ++number) {
    if (stop.stop_requested()) {
      return fail(ErrorCode::kCancelled, "stopped before the transaction was done");
    }
    Status status = attempt(connection, options.mode, body);
    if (status || status.error().code != ErrorCode::kOverloaded) {
      return status;
    }
    if (number >= options.attempt_count_max || clock.now() >= deadline) {
      return fail(fmt::format("given up after {} attempts", number), std::move(status).error());
    }
    count_event("db_tx_retries_total");
    const milliseconds wait = jittered_backoff(options, number, *connection.options().rng);
    if (!clock.sleep_for(wait, stop)) {
      return fail(ErrorCode::kCancelled, "stopped while waiting to try the transaction again");
    }
  }
}

}  // namespace katip::store
