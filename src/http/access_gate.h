#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/accounts.h"
#include "app/client_secrets.h"
#include "app/idempotency.h"
#include "app/rate_limit.h"
#include "base/clock.h"
#include "http/request_log.h"
#include "http/server.h"

namespace katip::http {

struct Credentials;

struct AccessOptions {
  /// While there is neither a user nor a key, whoever comes may do everything. Only for a server
  /// that nobody but its own machine reaches.
  bool is_open_when_empty = false;
  /// Requests a minute of a principal without a limit of its own; 0: none.
  std::int64_t rate_limit_per_minute = 6'000;
  /// Wrong keys and sessions a minute of a network, before they get a 429.
  std::int64_t failures_per_minute = 60;
  std::vector<std::string> origins = {};  ///< Pages elsewhere that may use sessions.
};

/// Who comes in: by key, by session, or because nobody has been named yet; how often; and requests
/// that were sent twice.
///
/// Lifetime: what is given outlives it.
class AccessGate final : public Gate {
 public:
  struct Parts {
    app::Accounts& accounts;
    const app::ClientSecrets& secrets;
    app::Idempotency& repeats;
    RequestLog& log;
    const Clock& clock;
  };

  AccessGate(const Parts& parts, AccessOptions options)
      : parts_(parts),
        options_(std::move(options)),
        requests_(parts.clock),
        failures_(parts.clock) {}

  std::expected<Headers, Failure> admit(Request& request, const Route& route) override;
  /// What has an Idempotency-Key is done once.
  Begun begin(const Request& request, const Route& route) override;
  void on_answered(const RequestRecord& record) override { parts_.log.write(record); }

 private:
  using Admission = std::expected<app::Principal, Failure>;

  Admission identify(const Request& request, const Route& route);
  Admission identify_open(const Request& request) const;
  Admission authenticate(const Credentials& credentials, const Request& request,
                         const Route& route);
  /// The audio of today, where a route makes more of it.
  [[nodiscard]] std::expected<Headers, Failure> check_audio(const Request& request,
                                                            const Route& route) const;
  /// Adds what it says to the headers of limits that are told already.
  std::expected<Headers, Failure> count(const app::Principal& principal, Headers limits);
  /// Or what the request is answered instead of being done.
  std::expected<std::unique_ptr<RepeatableTurn>, Answer> take_turn(const Request& request,
                                                                   const Route& route);

  const Parts parts_;
  const AccessOptions options_;
  app::RateLimiter requests_;
  app::RateLimiter failures_;
};

}  // namespace katip::http
