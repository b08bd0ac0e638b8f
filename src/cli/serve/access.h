#pragma once

#include <memory>
#include <thread>

#include "app/accounts.h"
#include "app/client_secrets.h"
#include "app/idempotency.h"
#include "app/metrics.h"
#include "cli/config/settings.h"
#include "cli/session.h"
#include "http/access_gate.h"
#include "http/request_log.h"

namespace katip::cli {

/// Where requests are written down.
struct AccessRecords {
  Log& log;
  app::Metrics& metrics;
  app::Tracing* tracing;  ///< Null: nowhere.
};

/// Who may come in, from the settings; and a thread that writes what was used and forgets what has
/// ended.
///
/// Lifetime: what is given outlives it.
class Access {
 public:
  /// Errors: kInvalidArgument for settings; kPermissionDenied when the server would be reached from
  ///         elsewhere and there is no administrator; those of the database.
  static Result<std::unique_ptr<Access>> open(const Settings& settings, store::Pool& pool,
                                              Session& session, const AccessRecords& records);
  ~Access();
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

  app::Accounts& accounts() { return *accounts_; }
  app::ClientSecrets& secrets() { return secrets_; }
  http::Gate& gate() { return gate_; }
  /// Whether everything is open to everybody here now.
  [[nodiscard]] Result<bool> is_open();

 private:
  struct World {
    store::Pool& pool;
    const Clock& clock;
    AccessRecords records;
  };
  Access(const World& world, std::unique_ptr<app::Accounts> accounts,
         const http::AccessOptions& options);
  void keep_house(const std::stop_token& stop);

  const Clock& clock_;
  const bool is_open_when_empty_;
  Logger logger_;
  std::unique_ptr<app::Accounts> accounts_;
  app::ClientSecrets secrets_;
  app::Idempotency repeats_;
  http::RequestLog requests_;
  http::AccessGate gate_;
  std::jthread housekeeper_;  // Last: it uses the others.
};

}  // namespace katip::cli
