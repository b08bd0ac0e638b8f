#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "store/connection.h"

namespace katip::store {

struct DatabaseWait {
  /// How long to try; 0: once.
  std::chrono::milliseconds time_max{60'000};
  std::chrono::milliseconds pause_first{100};
  std::chrono::milliseconds pause_max{5'000};
  /// Is told why it has to wait, once for each reason.
  std::function<void(const std::string&)> on_wait = [](const std::string&) {};
  std::stop_token stop = {};
};

/// Opens a database that may only be starting: tries again with growing pauses while it cannot be
/// reached. Wrong passwords, missing databases and the like are errors at once.
///
/// Errors: those of Connection::open(), the last one after the time; kCancelled.
Result<std::unique_ptr<Connection>> open_when_ready(const DatabaseUrl& url,
                                                    const ConnectionOptions& options,
                                                    const DatabaseWait& wait);

}  // namespace katip::store
