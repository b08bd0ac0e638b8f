#pragma once

#include <memory>
#include <string>

#include "cli/config/settings.h"
#include "cli/session.h"
#include "http/monitor_gate.h"
#include "http/server.h"
#include "http/service.h"

namespace katip::cli {

/// The dashboard on a port of its own, where `server.monitor_port` names one. With
/// `server.monitor_password` (MONITOR_PASSWORD, or FLOWER_PASSWORD) that password opens what
/// operators may do; without it people sign in as on the other port.
///
/// Lifetime: what is given outlives it. The port closes when it goes.
class MonitorPort {
 public:
  /// Null: no port is named.
  ///
  /// Errors: those of http::Server::create().
  static Result<std::unique_ptr<MonitorPort>> open(const Settings& settings, Session& session,
                                                   http::ServerOptions options,
                                                   const http::Service& service, http::Gate& gate,
                                                   Log& log);

  /// Errors: those of http::Server::start().
  Status start() { return server_->start(); }
  [[nodiscard]] int port() const { return server_->port(); }

 private:
  MonitorPort() = default;

  std::unique_ptr<http::MonitorGate> gate_;  // Before the server, which asks it.
  std::unique_ptr<http::Server> server_;
};

}  // namespace katip::cli
