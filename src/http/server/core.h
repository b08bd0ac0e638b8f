#pragma once

#include <atomic>

#include "base/work_pool.h"
#include "http/server.h"

namespace katip::http {

/// What all connections of a server share.
///
/// Threads: thread-safe.
struct ServerCore {
  ServerCore(ServerOptions server_options, RouteTable routes, Gate& gatekeeper, Log* log)
      : options(std::move(server_options)),
        table(std::move(routes)),
        gate(gatekeeper),
        logger(log == nullptr ? Logger() : Logger(*log, "http")),
        pool(options.work_thread_count, static_cast<std::size_t>(options.work_waiting_max),
             [this](const char* what) {
               logger.error("work ended by an exception", {{"error_message", what}});
             }) {}

  const ServerOptions options;
  const RouteTable table;
  Gate& gate;
  const Logger logger;
  std::atomic<bool> is_stopping = false;
  std::atomic<int> connection_count = 0;
  WorkPool pool;
};

}  // namespace katip::http
