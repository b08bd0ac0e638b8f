#include "cli/commands/queue_operations.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/autoscale_json.h"
#include "app/operations.h"
#include "app/schedule_json.h"
#include "app/worker_kinds.h"
#include "base/uuid.h"
#include "cli/accounts/command_audit.h"
#include "cli/exit_code.h"
#include "cli/queue/database.h"
#include "cli/queue/queue_settings.h"

/// Tested by tests/e2e/test_worker.py.
namespace katip::cli {
namespace {

namespace json = boost::json;

/// What each of these commands works with.
struct OperatingWork {
  const Arguments& arguments;
  Session& session;
  app::Operations& operations;
  CommandAudit& audit;

  void print(const std::string& line) const { session.terminal.write(line + "\n"); }
  [[nodiscard]] std::stop_token stop() const { return session.signals.token(); }
};

std::string next_run_of(const app::ScheduleView& view) {
  if (view.schedule.is_paused) return "switched off";
  return view.next_at ? app::to_text(*view.next_at) : "it rests";
}

Status list_schedules(const OperatingWork& work) {
  const auto schedules = KATIP_TRY(work.operations.schedules(work.audit.who(), work.stop()));
  if (work.arguments.has("--json")) {
    json::array all;
    for (const app::ScheduleView& view : schedules) all.push_back(app::to_json(view));
    work.print(json::serialize(all));
    return {};
  }
  if (schedules.empty()) {
    work.session.terminal.say(Level::kInfo,
                              "no schedule is known yet: the first `katip worker` or `katip serve` "
                              "writes them down");
    return {};
  }
  work.print(fmt::format("{:<24} {:<16} {:<18} {:<25} {}", "schedule", "cron", "time zone",
                         "next run", "task"));
  for (const app::ScheduleView& view : schedules) {
    work.print(fmt::format("{:<24} {:<16} {:<18} {:<25} {}", printable(view.schedule.name),
                           printable(view.schedule.cron), printable(view.schedule.time_zone),
                           next_run_of(view), view.schedule.kind));
  }
  return {};
}

Status run_schedule(const OperatingWork& work) {
  const std::string& name = work.arguments.positionals.at(0);
  const auto task =
      work.operations.run_schedule(work.audit.who(), name, /*request_id=*/"", work.stop());
  if (!task && task.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no schedule `{}`; `katip queue schedules` shows them", name));
  }
  if (!task) return std::unexpected(task.error());
  work.audit.record({.action = "schedule.run", .target_kind = "schedule", .target_id = name});
  work.print(task->id);
  return {};
}

Status stop_worker(const OperatingWork& work) {
  for (const std::string& id : work.arguments.positionals) {
    if (!is_uuid(id)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("`{}` is no id of a worker; `katip queue status` shows them", id));
    }
    if (const Status done = work.operations.stop_worker(work.audit.who(), id, work.stop()); !done) {
      return fail(id, done.error());
    }
    work.audit.record({.action = "worker.stop", .target_kind = "worker", .target_id = id});
    work.print(id);
  }
  return {};
}

void print_autoscale(const OperatingWork& work, const app::AutoscaleView& view) {
  const std::string bounds =
      view.set ? fmt::format("{} to {} slots, set by {} at {}", view.set->bounds.slot_count_min,
                             view.set->bounds.slot_count_max, printable(view.set->changed_by),
                             app::to_text(view.set->updated_at))
               : "as each worker is configured";
  work.print(fmt::format("{}: {}", view.worker_kind, bounds));
  for (const app::Worker& worker : view.workers) {
    const app::SlotBounds& own = worker.figures.bounds;
    work.print(fmt::format(
        "  worker {} on {}: {} of {} slots busy; {} to {} by load, {} more for critical tasks",
        worker.id, printable(worker.host), worker.figures.busy_count, worker.figures.slot_count,
        own.slot_count_min, own.slot_count_max, worker.critical_slot_count));
  }
}

Status show_autoscale(const OperatingWork& work) {
  const auto views = KATIP_TRY(work.operations.autoscale(work.audit.who(), work.stop()));
  if (work.arguments.has("--json")) {
    json::array all;
    for (const app::AutoscaleView& view : views) all.push_back(app::to_json(view));
    work.print(json::serialize(all));
    return {};
  }
  for (const app::AutoscaleView& view : views) print_autoscale(work, view);
  return {};
}

Status change_autoscale(const OperatingWork& work) {
  const bool is_reset = work.arguments.has("--configured");
  if (work.arguments.has("--slots") == is_reset || work.arguments.positionals.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "name a kind, and --slots MAX,MIN or --configured: `katip queue autoscale engine "
                "--slots 12,4`");
  }
  const std::string& kind = work.arguments.positionals[0];
  std::optional<app::SlotBounds> bounds;
  if (!is_reset) {
    const auto slots = parse_autoscale(work.arguments.value("--slots"));
    if (!slots) return fail("--slots", slots.error());
    bounds = app::SlotBounds{.slot_count_min = slots->slot_count_min,
                             .slot_count_max = slots->slot_count_max};
  }
  const auto view =
      KATIP_TRY(work.operations.set_autoscale(work.audit.who(), kind, bounds, work.stop()));
  json::object details;
  if (bounds) details = {{"min", bounds->slot_count_min}, {"max", bounds->slot_count_max}};
  work.audit.record({.action = is_reset ? "autoscale.reset" : "autoscale.set",
                     .target_kind = "worker_kind",
                     .target_id = kind,
                     .details = json::serialize(details)});
  if (work.arguments.has("--json")) {
    work.print(json::serialize(app::to_json(view)));
  } else {
    print_autoscale(work, view);
  }
  return {};
}

Status autoscale(const OperatingWork& work) {
  const bool is_change = !work.arguments.positionals.empty() || work.arguments.has("--slots") ||
                         work.arguments.has("--configured");
  return is_change ? change_autoscale(work) : show_autoscale(work);
}

template <Status (*Body)(const OperatingWork&)>
int run(const Arguments& arguments, Session& session) {
  const auto body = [&]() -> Status {
    const Settings settings = KATIP_TRY(load_settings(arguments, session));
    const auto pool = KATIP_TRY(open_records(settings, session, {.connection_count_max = 2}));
    jobs::Queue queue(*pool, session.clock, system_rng(), KATIP_TRY(queue_options(settings)));
    app::TaskWatch watch(*pool, session.clock);
    app::Operations operations(queue, watch);
    CommandAudit audit(settings, session, *pool);
    return Body(
        {.arguments = arguments, .session = session, .operations = operations, .audit = audit});
  };
  const Status status = body();
  return status ? kExitSuccess : report(status.error(), session);
}

}  // namespace

std::vector<Command> operating_commands() {
  Command schedules{.name = "schedules",
                    .summary = "what runs by the calendar, and when next",
                    .flags = {{.name = "--json", .help = "as a JSON array"}},
                    .examples = {"katip queue schedules"},
                    .run = &run<&list_schedules>};
  Command now{
      .name = "run-schedule",
      .summary = "run the task of a schedule now, besides its times; prints its id",
      .positional = {.name = "NAME", .help = "of the schedule", .count_min = 1, .count_max = 1},
      .examples = {"katip queue run-schedule cleanup.history"},
      .run = &run<&run_schedule>};
  Command stop{.name = "stop-worker",
               .summary = "ask workers to finish and end; their supervisor starts others",
               .details = "What a worker has begun it finishes, or gives back after its grace.",
               .positional = {.name = "ID",
                              .help = "id of a worker, by `katip queue status`",
                              .count_min = 1,
                              .count_max = 1'000},
               .examples = {"katip queue stop-worker 0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"},
               .run = &run<&stop_worker>};
  Command scale{
      .name = "autoscale",
      .summary = "show or change between how many slots workers follow their load",
      .details =
          "Without a kind it shows the bounds and slots of each worker. What is set counts for all "
          "workers of the kind, on every machine, within seconds and after restarts too, until "
          "--configured gives each its own --autoscale back. What runs is not stopped.",
      .flags = {{.name = "--slots",
                 .value_name = "MAX,MIN",
                 .help = "at most and at least so many"},
                {.name = "--configured", .help = "back to what each worker is configured with"},
                {.name = "--json", .help = "as JSON"}},
      .positional = {.name = "KIND",
                     .help = "of the workers",
                     .count_max = 1,
                     .choices = {app::kWorkerKinds.begin(), app::kWorkerKinds.end()}},
      .examples = {"katip queue autoscale", "katip queue autoscale engine --slots 12,4",
                   "katip queue autoscale engine --configured"},
      .run = &run<&autoscale>};
  return {std::move(schedules), std::move(now), std::move(stop), std::move(scale)};
}

}  // namespace katip::cli
