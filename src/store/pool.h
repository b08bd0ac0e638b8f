#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "store/connection.h"
#include "store/database_url.h"
#include "store/fair_permits.h"

/// A bounded number of connections, shared by threads.
///
///   const auto pool = KATIP_TRY(Pool::create(url, {}, {.connection_count_max = 4}));
///   PooledConnection connection = KATIP_TRY(pool->acquire(stop));
///   KATIP_TRY(connection->query("select 1"));        // goes back at the end of the scope
namespace katip::store {

struct PoolOptions {
  std::size_t connection_count_max = 8;
  /// More who wait than this are refused at once: a queue that long is not served in time.
  std::size_t waiter_count_max = 1'000;
  std::chrono::milliseconds acquire_timeout{5'000};
  /// A connection that was idle for so long is asked for an answer before it is used again.
  std::chrono::milliseconds ping_after{5'000};
  std::chrono::milliseconds ping_timeout{2'000};
  /// One that was idle for so long is closed.
  std::chrono::milliseconds idle_max{600'000};

  /// kInvalidArgument, naming the field and its limits.
  [[nodiscard]] Status validate() const;
};

struct PoolStats {
  std::size_t idle_count = 0;
  std::size_t used_count = 0;
  std::size_t waiter_count = 0;
  std::int64_t opened_count = 0;     ///< Since the pool was made.
  std::int64_t discarded_count = 0;  ///< Lost, or not to be cleaned.
};

class Pool;

/// A connection that goes back to its pool at the end: an open transaction is rolled back, locks
/// are given back, stop token and statement time-out are as they were.
///
/// Threads:  one thread.
/// Lifetime: the pool outlives it.
class PooledConnection {
 public:
  ~PooledConnection();
  PooledConnection(PooledConnection&& other) noexcept = default;
  PooledConnection& operator=(PooledConnection&& other) = delete;

  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_.get(); }

 private:
  friend class Pool;
  PooledConnection(Pool& pool, std::unique_ptr<Connection> connection)
      : pool_(&pool), connection_(std::move(connection)) {}

  Pool* pool_;
  std::unique_ptr<Connection> connection_;  // Null when moved from.
};

/// Threads: thread-safe.
class Pool {
 public:
  /// Connects to nothing yet, so it works while the database is still away.
  ///
  /// Errors: kInvalidArgument for options, or for a database in memory, which has one connection.
  static Result<std::unique_ptr<Pool>> create(DatabaseUrl url, ConnectionOptions connection_options,
                                              PoolOptions options);
  /// The same with connections of the caller, for tests that put faults before the database.
  using Opener = std::function<Result<std::unique_ptr<Connection>>()>;
  static Result<std::unique_ptr<Pool>> create(Opener open, ConnectionOptions connection_options,
                                              PoolOptions options);
  /// Everything has been given back before.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// A connection that answers: one that lies idle, or a new one. Whoever asks first gets first.
  /// Those that were lost while idle (the server was restarted) are replaced without a word.
  ///
  /// Errors: kOverloaded when too many wait already, kTimeout when none became free in time,
  ///         kCancelled, and those of Connection::open().
  Result<PooledConnection> acquire(std::stop_token stop);

  /// So many more connections than it was made for may be in use at once, or fewer again. They are
  /// opened when they are wanted, and closed when they were idle for long.
  void add_room(int connection_count) { permits_.add(connection_count); }

  [[nodiscard]] PoolStats stats() const;

 private:
  friend class PooledConnection;
  struct Idle {
    std::unique_ptr<Connection> connection;
    std::chrono::steady_clock::time_point since;
  };
  struct Shelf {
    std::vector<Idle> idle;  // The last one was used last, and is used first.
    std::int64_t opened_count = 0;
    std::int64_t discarded_count = 0;
  };

  Pool(Opener open, ConnectionOptions connection_options, PoolOptions options);
  std::unique_ptr<Connection> take_idle();
  Result<std::unique_ptr<Connection>> open_new();
  bool is_fit(Connection& connection, std::chrono::steady_clock::time_point since) const;
  bool clean(Connection& connection) const;
  void give_back(std::unique_ptr<Connection> connection);
  void drop_aged();

  Opener open_;
  ConnectionOptions connection_options_;
  PoolOptions options_;
  FairPermits permits_;  // One for each connection that may be in use.
  Guarded<Shelf> shelf_;
};

}  // namespace katip::store
