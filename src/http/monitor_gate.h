#pragma once

#include "app/rate_limit.h"
#include "base/clock.h"
#include "base/secret.h"
#include "http/server.h"

namespace katip::http {

/// The gate of the port that the dashboard has to itself: one password (HTTP Basic, any name) lets
/// in whoever operates, without an account. They may look after queues, tasks and workers, and
/// nothing else.
///
/// Threads:  thread-safe.
/// Lifetime: the others outlive it.
class MonitorGate final : public Gate {
 public:
  /// `other` is told of what was answered. The password is not empty.
  MonitorGate(Secret password, Gate& other, const Clock& clock);

  std::expected<Headers, Failure> admit(Request& request, const Route& route) override;
  void on_answered(const RequestRecord& record) override { other_.on_answered(record); }

 private:
  [[nodiscard]] bool knows_password(const Request& request) const;

  const std::string password_sha256_;
  Gate& other_;
  app::RateLimiter failures_;
};

}  // namespace katip::http
