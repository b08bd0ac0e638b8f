#include "cli/queue/queue_settings.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "app/recording.h"
#include "app/webhook_events.h"
#include "cli/accounts/operating_system_user.h"

/// Tested by queue_settings_test.cc.
namespace katip::cli {
namespace {

/// A slot of an engine worker is a thread and a decoder: its windows join the batch of all others.
/// A general worker has a few, as what its tasks do is not shared.
constexpr int kCriticalSlotsOfGeneral = 2;

std::string_view default_autoscale(std::string_view environment) {
  if (environment == "production") return "12,4";
  if (environment == "staging") return "6,2";
  return "2,2";
}

}  // namespace

Result<jobs::AutoscaleOptions> parse_autoscale(std::string_view text) {
  const std::size_t comma = std::min(text.find(','), text.size());
  const auto number = [](std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size() ? value : -1;
  };
  jobs::AutoscaleOptions slots;
  slots.slot_count_max = number(text.substr(0, comma));
  slots.slot_count_min =
      comma < text.size() ? number(text.substr(comma + 1)) : slots.slot_count_max;
  KATIP_TRY(slots.validate());
  return slots;
}

Result<jobs::QueueOptions> queue_options(const Settings& settings) {
  std::vector<jobs::RoutingRule> rules;
  for (const std::string& rule : settings.list("worker.routes")) {
    const std::size_t equals = rule.find('=');
    if (equals == std::string::npos) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("worker.routes: `{}` is no rule; one is `upload.*=critical`", rule));
    }
    rules.push_back({.pattern = rule.substr(0, equals), .queue = rule.substr(equals + 1)});
  }
  auto routing = jobs::Routing::with_rules(std::move(rules));
  if (!routing) {
    return fail("worker.routes", routing.error());
  }
  jobs::QueueOptions options;
  options.routing = *std::move(routing);
  options.on_jobs_ended = app::webhook_listener();
  options.fair_share.tenant_running_max = settings.integer("worker.tenant_running_max");
  return options;
}

Result<remote::OutgoingGuard> outgoing_guard(const Settings& settings) {
  auto guard = remote::OutgoingGuard::create(settings.list("outgoing.allow"));
  return guard ? std::move(guard) : fail("outgoing.allow", guard.error());
}

std::optional<std::chrono::seconds> keep_jobs_for(const Settings& settings) {
  return app::keep_for_days(settings.number("jobs.keep_days"));
}

Result<jobs::WorkerOptions> worker_options(const Settings& settings, std::string_view worker_kind) {
  std::string autoscale = settings.text("worker.autoscale");
  if (autoscale.empty()) {
    autoscale = default_autoscale(settings.environment_name());
  }
  jobs::WorkerOptions options;
  options.host = host_name();
  options.name = fmt::format("{}@{}", worker_kind, options.host);
  options.worker_kind = worker_kind;
  options.version = KATIP_VERSION;
  const auto slots = parse_autoscale(autoscale);
  if (!slots) return fail(fmt::format("worker.autoscale = `{}`", autoscale), slots.error());
  options.slots = *slots;
  options.critical_slot_count = settings.integer("worker.critical_slots");
  if (worker_kind == "general") {
    options.critical_slot_count = std::min(options.critical_slot_count, kCriticalSlotsOfGeneral);
  }
  options.prefetch_multiplier = settings.integer("worker.prefetch_multiplier");
  options.task_count_max = settings.integer("worker.task_count_max");
  options.memory_bytes_max = std::int64_t{settings.integer("worker.memory_mb_max")} * 1'000'000;
  options.lease = std::chrono::seconds(settings.integer("worker.lease_s"));
  options.renew_interval = options.lease / 3;
  options.grace = std::chrono::seconds(settings.integer("worker.grace_s"));
  options.hard_stop_after = std::chrono::seconds(settings.integer("worker.hard_stop_s"));
  KATIP_TRY(options.validate());
  return options;
}

Result<std::size_t> connection_count_of(const Settings& settings, std::string_view worker_kind) {
  const jobs::WorkerOptions options = KATIP_TRY(worker_options(settings, worker_kind));
  return static_cast<std::size_t>(options.slots.slot_count_max + options.critical_slot_count) + 3;
}

}  // namespace katip::cli
