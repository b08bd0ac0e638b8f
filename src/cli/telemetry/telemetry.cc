#include "cli/telemetry/telemetry.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/accounts/operating_system_user.h"

/// Tested by tests/e2e/test_telemetry.py.
namespace katip::cli {
namespace {

std::string shown_host() {
  const std::string name = host_name();
  return name.empty() ? "unknown" : name;
}

/// Fields that hold no text of anybody: codes, names of ours, ids. An error's own message may quote
/// a file or an answer, so it stays in the log.
constexpr std::array<std::string_view, 8> kHarmlessFields = {
    "error_code", "kind", "queue", "what", "how", "worker_id", "name", "request_id"};

std::optional<std::string> text_of(const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value())) return std::string(*text);
  return std::nullopt;
}

/// What somebody has to look at: errors, processes that crashed, and attempts that failed for a
/// fault of ours.
bool is_worth_reporting(const LogEvent& event) {
  if (event.level >= LogLevel::kError) return true;
  if (event.message == "worker process ended") return true;
  return event.message == "attempt failed" &&
         std::ranges::any_of(event.fields, [](const LogField& field) {
           return field.key() == "error_code" && text_of(field) == "INTERNAL";
         });
}

}  // namespace

Result<std::unique_ptr<Telemetry>> Telemetry::start(const Settings& settings, Session& session,
                                                    Log& log) {
  std::unique_ptr<Telemetry> telemetry(new Telemetry(log));
  const std::string endpoint = settings.text("telemetry.otlp_endpoint");
  if (!endpoint.empty()) {
    if (!endpoint.starts_with("http://") && !endpoint.starts_with("https://")) {
      return fail(ErrorCode::kInvalidArgument,
                  "telemetry.otlp_endpoint is an address such as http://collector:4318");
    }
    telemetry->exporter_ = std::make_unique<remote::TraceExporter>(
        remote::TraceExporterOptions{.endpoint = endpoint,
                                     .headers = settings.secret("telemetry.otlp_headers"),
                                     .service_version = KATIP_VERSION,
                                     .host_name = shown_host(),
                                     .ca_file = settings.text("remote.ca_file")},
        session.clock);
    telemetry->tracing_.emplace(*telemetry->exporter_, session.clock);
    telemetry->export_thread_ =
        std::jthread([exporter = telemetry->exporter_.get()](const std::stop_token& stop) {
          exporter->run(stop);
        });
  }
  if (!settings.text("telemetry.sentry_dsn").empty()) {
    telemetry->reporter_ =
        KATIP_TRY(remote::ErrorReporter::create({.dsn = settings.secret("telemetry.sentry_dsn"),
                                                 .release = fmt::format("katip@{}", KATIP_VERSION),
                                                 .environment = settings.environment_name(),
                                                 .host_name = shown_host(),
                                                 .ca_file = settings.text("remote.ca_file")},
                                                session.clock, system_rng()));
    telemetry->report_thread_ =
        std::jthread([reporter = telemetry->reporter_.get()](const std::stop_token& stop) {
          reporter->run(stop);
        });
    log.set_observer([self = telemetry.get()](const LogEvent& event) { self->on_line(event); });
  }
  return telemetry;
}

Telemetry::~Telemetry() { log_.set_observer({}); }

void Telemetry::on_line(const LogEvent& event) {
  if (!is_worth_reporting(event)) return;
  remote::ErrorReport report{.level = event.level == LogLevel::kCritical ? "fatal"
                                      : event.level == LogLevel::kError  ? "error"
                                                                         : "warning",
                             .logger = std::string(event.logger),
                             .message = std::string(event.message)};
  const auto tag = [&report](std::string_view name, const std::string& value) {
    if (!value.empty()) report.tags.emplace_back(name, value);
  };
  tag("request_id", event.context.request_id);
  tag("job_id", event.context.job_id);
  tag("task_id", event.context.task_id);
  for (const LogField& field : event.fields) {
    const bool is_harmless =
        std::ranges::find(kHarmlessFields, field.key()) != kHarmlessFields.end();
    if (const auto text = text_of(field); text && is_harmless) {
      tag(field.key(), *text);
    }
  }
  reporter_->report(std::move(report));
}

}  // namespace katip::cli
