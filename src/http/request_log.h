#pragma once

#include "app/metrics.h"
#include "app/tracing.h"
#include "base/log.h"
#include "http/server.h"

namespace katip::http {

/// A line of api.log for each request, its figures, and its span.
///
/// Threads:  thread-safe; never blocks.
/// Lifetime: log, metrics and tracing outlive it.
class RequestLog {
 public:
  /// `tracing` may be null.
  RequestLog(Log& log, app::Metrics& metrics, app::Tracing* tracing)
      : api_(log, "api", LogChannel::kApi),
        problems_(log, "http"),
        metrics_(metrics),
        tracing_(tracing) {}

  void write(const RequestRecord& record);

 private:
  Logger api_;
  Logger problems_;
  app::Metrics& metrics_;
  app::Tracing* const tracing_;
};

}  // namespace katip::http
