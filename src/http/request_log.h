#pragma once

#include "app/metrics.h"
#include "base/log.h"
#include "http/server.h"

namespace katip::http {

/// A line of api.log for each request, and its figures.
///
/// Threads:  thread-safe; never blocks.
/// Lifetime: log and metrics outlive it.
class RequestLog {
 public:
  RequestLog(Log& log, app::Metrics& metrics)
      : api_(log, "api", LogChannel::kApi), problems_(log, "http"), metrics_(metrics) {}

  void write(const RequestRecord& record);

 private:
  Logger api_;
  Logger problems_;
  app::Metrics& metrics_;
};

}  // namespace katip::http
