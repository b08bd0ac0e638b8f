#pragma once

#include <memory>
#include <optional>
#include <thread>

#include "app/tracing.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/session.h"
#include "remote/error_reporter.h"
#include "remote/trace_exporter.h"

namespace katip::cli {

/// Traces and error reports of this process, as the section [telemetry] says: nothing, unless it
/// names where they go.
///
/// Threads: one for each of the two that is on.
class Telemetry {
 public:
  /// From now on errors in the log are reported.
  ///
  /// Errors:   kInvalidArgument, naming the setting.
  /// Lifetime: session and log outlive it.
  static Result<std::unique_ptr<Telemetry>> start(const Settings& settings, Session& session,
                                                  Log& log);
  /// Sends what is left.
  ~Telemetry();

  /// Null: no traces are wanted.
  [[nodiscard]] app::Tracing* tracing() { return tracing_ ? &*tracing_ : nullptr; }

 private:
  explicit Telemetry(Log& log) : log_(log) {}
  void on_line(const LogEvent& event);

  Log& log_;
  std::unique_ptr<remote::TraceExporter> exporter_;
  std::optional<app::Tracing> tracing_;
  std::unique_ptr<remote::ErrorReporter> reporter_;
  std::jthread export_thread_;
  std::jthread report_thread_;
};

}  // namespace katip::cli
