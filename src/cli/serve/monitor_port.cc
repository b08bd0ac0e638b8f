#include "cli/serve/monitor_port.h"

#include <utility>

/// Tested by tests/e2e/test_monitor_port.py.
namespace katip::cli {
namespace {

Secret password_of(const Settings& settings, const Session& session) {
  Secret password = settings.secret("server.monitor_password");
  if (!password.reveal().empty()) return password;
  return Secret(session.environment.get("FLOWER_PASSWORD").value_or(""));
}

}  // namespace

Result<std::unique_ptr<MonitorPort>> MonitorPort::open(const Settings& settings, Session& session,
                                                       http::ServerOptions options,
                                                       const http::Service& service,
                                                       http::Gate& gate, Log& log) {
  options.port = settings.integer("server.monitor_port");
  if (options.port == 0) return std::unique_ptr<MonitorPort>();
  auto monitor = std::unique_ptr<MonitorPort>(new MonitorPort());
  http::Gate* chosen = &gate;
  http::Service shown = service;
  if (Secret password = password_of(settings, session); !password.reveal().empty()) {
    monitor->gate_ = std::make_unique<http::MonitorGate>(std::move(password), gate, session.clock);
    chosen = monitor->gate_.get();
    shown.is_open = {};
    options.cors_origins.clear();  // Browsers send the password by themselves.
  }
  monitor->server_ =
      KATIP_TRY(http::Server::create(std::move(options), http::make_routes(shown), *chosen, &log));
  return monitor;
}

}  // namespace katip::cli
