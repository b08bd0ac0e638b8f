#pragma once

#include "app/metrics.h"
#include "base/log.h"
#include "http/server.h"

namespace katip::http {

/// Lets everybody do everything, and writes the log of requests: for an installation without keys
/// and users on a machine of one's own.
///
/// Lifetime: log and metrics outlive it.
class OpenGate : public Gate {
 public:
  OpenGate(Log& log, app::Metrics& metrics)
      : api_(log, "api", LogChannel::kApi), problems_(log, "http"), metrics_(metrics) {}

  std::expected<Headers, Failure> admit(Request& request, const Route& route) override;
  void on_answered(const RequestRecord& record) override;

 private:
  Logger api_;
  Logger problems_;
  app::Metrics& metrics_;
};

}  // namespace katip::http
