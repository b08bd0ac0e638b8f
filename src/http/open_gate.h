#pragma once

#include "base/log.h"
#include "http/server.h"

namespace katip::http {

/// Lets everybody do everything, and writes the log of requests: for an installation without keys
/// and users on a machine of one's own.
///
/// Lifetime: the log outlives it.
class OpenGate : public Gate {
 public:
  explicit OpenGate(Log& log) : api_(log, "api", LogChannel::kApi), problems_(log, "http") {}

  std::expected<Headers, Failure> admit(Request& request, const Route& route) override;
  void on_answered(const RequestRecord& record) override;

 private:
  Logger api_;
  Logger problems_;
};

}  // namespace katip::http
