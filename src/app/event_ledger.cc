#include "app/event_ledger.h"

#include "base/event_counters.h"
#include "store/stats_store.h"
#include "store/transaction.h"

/// Tested by metrics_test.cc.
namespace katip::app {
namespace {

constexpr std::chrono::seconds kInterval{5};

Status write(store::Pool& pool, const EventCounts& counts, std::stop_token stop) {
  const store::PooledConnection sql = KATIP_TRY(pool.acquire(stop));
  return store::run_transaction(*sql, {}, stop, [&](store::Connection& connection) {
    return store::add_event_counts(connection, counts);
  });
}

}  // namespace

Status write_events(store::Pool& pool, std::stop_token stop) {
  const EventCounts counts = take_events();
  if (counts.empty()) return {};
  const Status written = write(pool, counts, std::move(stop));
  if (written) return {};
  for (const auto& [key, value] : counts) count_event(key.first, key.second, value);
  return written;
}

void keep_writing_events(store::Pool& pool, const Clock& clock, std::stop_token stop) {
  while (clock.sleep_for(kInterval, stop)) {
    // A database that is away is told of by whoever needs it.
    static_cast<void>(write_events(pool, stop));
  }
  static_cast<void>(write_events(pool, {}));
}

}  // namespace katip::app
