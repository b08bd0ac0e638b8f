#include "app/server_secret.h"

#include "app/accounts/tokens.h"
#include "store/secret_store.h"
#include "store/transaction.h"

/// Tested by server_secret_test.cc.
namespace katip::app {
namespace {

constexpr std::size_t kSize = 43;  // Letters of 62: 256 bits.

}  // namespace

Result<Secret> server_secret(store::Pool& pool, Rng& rng, std::string_view name,
                             std::stop_token stop) {
  const Secret offered(random_letters(rng, kSize));
  const store::PooledConnection sql = KATIP_TRY(pool.acquire(stop));
  return store::run_transaction(*sql, {}, stop, [&](store::Connection& connection) {
    return store::keep_server_secret(connection, name, offered);
  });
}

}  // namespace katip::app
