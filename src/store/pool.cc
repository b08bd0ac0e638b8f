#include "store/pool.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/event_counters.h"

// A permit comes first, then a connection is looked for or opened: nobody holds a lock while
// talking to the database. Tested by conformance/pools_test.cc.
namespace katip::store {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kConnectionCountMax = 10'000;

// Gives the permit back unless a connection was found for it.
class HeldPermit {
 public:
  explicit HeldPermit(FairPermits& permits) : permits_(&permits) {}
  ~HeldPermit() {
    if (permits_ != nullptr) {
      permits_->release();
    }
  }
  HeldPermit(const HeldPermit&) = delete;
  HeldPermit& operator=(const HeldPermit&) = delete;
  void hand_on() { permits_ = nullptr; }

 private:
  FairPermits* permits_;
};

}  // namespace

Status PoolOptions::validate() const {
  if (connection_count_max < 1 || connection_count_max > kConnectionCountMax) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("connection_count_max must be 1 to {}, not {}", kConnectionCountMax,
                            connection_count_max));
  }
  for (const auto& [name, value] : {std::pair{"acquire_timeout", acquire_timeout},
                                    {"ping_after", ping_after},
                                    {"ping_timeout", ping_timeout},
                                    {"idle_max", idle_max}}) {
    if (value < milliseconds(0) || value > std::chrono::hours(24)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} must be from 0 to 24 h, not {} ms", name, value.count()));
    }
  }
  return {};
}

PooledConnection::~PooledConnection() {
  if (connection_ != nullptr) {
    pool_->give_back(std::move(connection_));
  }
}

Pool::Pool(Opener open, ConnectionOptions connection_options, PoolOptions options)
    : open_(std::move(open)),
      connection_options_(std::move(connection_options)),
      options_(options),
      permits_(options.connection_count_max, options.waiter_count_max) {}

Pool::~Pool() { KATIP_ASSERT(permits_.used_count() == 0 && permits_.waiter_count() == 0); }

Result<std::unique_ptr<Pool>> Pool::create(DatabaseUrl url, ConnectionOptions connection_options,
                                           PoolOptions options) {
  if (url.dialect() == Dialect::kSqlite && url.is_memory()) {
    return fail(ErrorCode::kInvalidArgument,
                "a database in memory has one connection only; give a file for a pool");
  }
  Opener open = [url = std::move(url), connection_options] {
    return Connection::open(url, connection_options);
  };
  return create(std::move(open), std::move(connection_options), options);
}

Result<std::unique_ptr<Pool>> Pool::create(Opener open, ConnectionOptions connection_options,
                                           PoolOptions options) {
  KATIP_TRY(options.validate());
  KATIP_TRY(connection_options.validate());
  return std::unique_ptr<Pool>(new Pool(std::move(open), std::move(connection_options), options));
}

Result<PooledConnection> Pool::acquire(std::stop_token stop) {
  const Clock& clock = *connection_options_.clock;
  const auto begin = clock.now();
  const Status permitted = permits_.acquire(options_.acquire_timeout, std::move(stop));
  const std::chrono::duration<double> waited = clock.now() - begin;
  // Whoever did not wait costs no look at the counters.
  if (waited > std::chrono::milliseconds(1)) {
    count_event("db_pool_wait_seconds_total", "", waited.count());
  }
  KATIP_TRY(permitted);
  HeldPermit permit(permits_);
  std::unique_ptr<Connection> connection = take_idle();
  if (connection == nullptr) {
    connection = KATIP_TRY(open_new());
  }
  permit.hand_on();
  return PooledConnection(*this, std::move(connection));
}

// The last used one that still answers; those that do not are thrown away.
std::unique_ptr<Connection> Pool::take_idle() {
  while (true) {
    Idle candidate = shelf_.with_lock([](Shelf& shelf) {
      Idle last;
      if (!shelf.idle.empty()) {
        last = std::move(shelf.idle.back());
        shelf.idle.pop_back();
      }
      return last;
    });
    if (candidate.connection == nullptr || is_fit(*candidate.connection, candidate.since)) {
      return std::move(candidate.connection);
    }
    shelf_.with_lock([](Shelf& shelf) { ++shelf.discarded_count; });
  }
}

Result<std::unique_ptr<Connection>> Pool::open_new() {
  auto connection = open_();
  if (connection) {
    shelf_.with_lock([](Shelf& shelf) { ++shelf.opened_count; });
  }
  return connection;
}

bool Pool::is_fit(Connection& connection, std::chrono::steady_clock::time_point since) const {
  if (!connection.is_alive()) {
    return false;
  }
  const bool is_fresh = connection_options_.clock->now() - since < options_.ping_after;
  return is_fresh || connection.ping(options_.ping_timeout).has_value();
}

// Whether the next user finds it as new.
bool Pool::clean(Connection& connection) const {
  connection.set_stop({});
  if (!connection.rollback()) {
    return false;
  }
  while (!connection.locks().empty()) {
    if (const std::string name = *connection.locks().begin(); !connection.unlock(name)) {
      return false;
    }
  }
  const milliseconds timeout = connection_options_.statement_timeout;
  if (connection.options().statement_timeout != timeout &&
      !connection.set_statement_timeout(timeout)) {
    return false;
  }
  return connection.is_alive();
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  const bool is_clean = clean(*connection);
  const auto now = connection_options_.clock->now();
  shelf_.with_lock([&](Shelf& shelf) {
    if (is_clean) {
      shelf.idle.push_back({std::move(connection), now});
    } else {
      ++shelf.discarded_count;
    }
  });
  connection.reset();
  drop_aged();
  permits_.release();
}

void Pool::drop_aged() {
  std::vector<Idle> aged;  // Closed after the lock is free.
  const auto limit = connection_options_.clock->now() - options_.idle_max;
  shelf_.with_lock([&](Shelf& shelf) {
    while (!shelf.idle.empty() && shelf.idle.front().since < limit) {
      aged.push_back(std::move(shelf.idle.front()));
      shelf.idle.erase(shelf.idle.begin());
    }
  });
}

PoolStats Pool::stats() const {
  PoolStats stats = shelf_.with_lock([](const Shelf& shelf) {
    return PoolStats{.idle_count = shelf.idle.size(),
                     .opened_count = shelf.opened_count,
                     .discarded_count = shelf.discarded_count};
  });
  stats.used_count = permits_.used_count();
  stats.waiter_count = permits_.waiter_count();
  return stats;
}

}  // namespace katip::store
