#include <algorithm>
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/fetch_task.h"
#include "app/submit.h"
#include "cli/accounts/command_audit.h"
#include "cli/commands/commands.h"
#include "cli/commands/queue_operations.h"
#include "cli/exit_code.h"
#include "cli/queue/database.h"
#include "cli/queue/media_place.h"
#include "cli/queue/queue_settings.h"
#include "cli/transcribe/options.h"
#include "jobs/task_state.h"
#include "store/job_store.h"
#include "store/worker_store.h"

namespace katip::cli {
namespace {

namespace json = boost::json;

constexpr int kListCount = 50;

/// What every command of `katip queue` works with.
struct QueueWork {
  const Arguments& arguments;
  const Settings& settings;
  Session& session;
  jobs::Queue& queue;
  CommandAudit& audit;

  void print(const std::string& line) const { session.terminal.write(line + "\n"); }
  void print_json(const json::value& value) const { print(json::serialize(value)); }
  [[nodiscard]] bool is_json() const { return arguments.has("--json"); }
  [[nodiscard]] std::stop_token stop() const { return session.signals.token(); }
};

/// "3 min": how long since, for people.
std::string age(std::chrono::milliseconds duration) {
  const double seconds = std::max(0.0, static_cast<double>(duration.count()) / 1000);
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  if (seconds < 100 * 60) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 72 * 3'600) return fmt::format("{:.0f} h", seconds / 3'600);
  return fmt::format("{:.0f} days", seconds / 86'400);
}

// --- status -------------------------------------------------------------------------------------

struct QueueStatus {
  std::vector<store::TaskCount> tasks;
  std::vector<store::TaskCount> ended;  ///< In the last 24 hours.
  std::vector<store::QueueRecord> queues;
  std::vector<store::WorkerRecord> workers;
};

Result<QueueStatus> read_status(const QueueWork& work) {
  QueueStatus status;
  const store::PooledConnection connection = KATIP_TRY(work.queue.pool().acquire(work.stop()));
  store::TaskStore tasks(*connection);
  status.tasks = KATIP_TRY(tasks.counts());
  status.ended = KATIP_TRY(tasks.history_counts(work.queue.now() - std::chrono::hours(24)));
  status.queues = KATIP_TRY(tasks.queues());
  status.workers = KATIP_TRY(
      store::WorkerStore(*connection).list(work.queue.now() - std::chrono::hours(1), kListCount));
  return status;
}

std::string_view mode_of(const QueueStatus& status, std::string_view queue) {
  for (const store::QueueRecord& record : status.queues) {
    if (record.name == queue) return record.mode;
  }
  return "open";
}

json::object count_json(const QueueStatus& status, std::string_view queue) {
  json::object counts;
  for (const store::TaskCount& count : status.tasks) {
    if (count.queue == queue) counts[count.state] = count.count;
  }
  return counts;
}

constexpr std::array<std::string_view, 4> kQueueNames = {"critical", "high", "default", "low"};

json::object status_json(const QueueStatus& status) {
  json::object queues;
  for (const std::string_view name : kQueueNames) {
    queues[name] = {{"mode", mode_of(status, name)}, {"tasks", count_json(status, name)}};
  }
  json::object ended;
  for (const store::TaskCount& count : status.ended) ended[count.state] = count.count;
  json::array workers;
  for (const store::WorkerRecord& worker : status.workers) {
    workers.push_back({{"id", worker.id},
                       {"name", worker.name},
                       {"kind", worker.worker_kind},
                       {"state", worker.state},
                       {"pid", worker.pid},
                       {"slots", worker.figures.slot_count},
                       {"busy", worker.figures.busy_count},
                       {"finished", worker.figures.finished_count},
                       {"failed", worker.figures.failed_count},
                       {"memory_bytes", worker.figures.memory_bytes},
                       {"seen_at", store::to_text(worker.seen_at)}});
  }
  return {{"queues", queues}, {"ended_in_24_hours", ended}, {"workers", workers}};
}

Status show_status(const QueueWork& work) {
  const QueueStatus status = KATIP_TRY(read_status(work));
  if (work.is_json()) {
    work.print_json(status_json(status));
    return {};
  }
  work.print(fmt::format("{:<10} {:<9} {:>9} {:>8} {:>9} {:>9}  {}", "queue", "mode", "available",
                         "running", "scheduled", "retryable", "oldest waits"));
  for (const std::string_view name : kQueueNames) {
    std::map<std::string, std::int64_t> counts;
    std::string oldest = "-";
    for (const store::TaskCount& count : status.tasks) {
      if (count.queue != name) continue;
      counts[count.state] = count.count;
      if (count.state == "available") oldest = age(work.queue.now() - count.oldest_run_at);
    }
    work.print(fmt::format("{:<10} {:<9} {:>9} {:>8} {:>9} {:>9}  {}", name, mode_of(status, name),
                           counts["available"], counts["running"], counts["scheduled"],
                           counts["retryable"], oldest));
  }
  std::string ended;
  for (const store::TaskCount& count : status.ended) {
    ended += fmt::format("{}{} {}", ended.empty() ? "" : ", ", count.count, count.state);
  }
  work.print("");
  work.print("in the last 24 hours: " + (ended.empty() ? "nothing has ended" : ended));
  if (status.workers.empty()) {
    work.print("no worker has been seen in the last hour; start one with `katip worker`");
  }
  for (const store::WorkerRecord& worker : status.workers) {
    work.print(
        fmt::format("worker {} ({}, process {} on {}): {}, {} of {} slots busy, {} done, {} "
                    "failed, {} MB, seen {} ago{}",
                    worker.id, worker.worker_kind, worker.pid, printable(worker.host), worker.state,
                    worker.figures.busy_count, worker.figures.slot_count,
                    worker.figures.finished_count, worker.figures.failed_count,
                    worker.figures.memory_bytes / 1'000'000, age(work.queue.now() - worker.seen_at),
                    worker.end_reason ? ": " + printable(*worker.end_reason) : ""));
  }
  return {};
}

// --- single tasks -------------------------------------------------------------------------------

json::value parsed(const std::string& text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return error ? json::value(text) : value;
}

json::value optional_json(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::object task_json(const store::TaskRecord& task) {
  return {{"id", task.id},
          {"kind", task.kind},
          {"state", task.state},
          {"queue", task.queue},
          {"priority", task.priority},
          {"tenant", task.tenant},
          {"attempt", task.attempt},
          {"attempt_count_max", task.attempt_count_max},
          {"crash_count", task.crash_count},
          {"progress", task.progress},
          {"args", parsed(task.args)},
          {"errors", parsed(task.errors)},
          {"result", task.result ? parsed(*task.result) : json::value(nullptr)},
          {"unique_key", optional_json(task.unique_key)},
          {"job_id", optional_json(task.job_id)},
          {"request_id", optional_json(task.request_id)},
          {"worker_id", optional_json(task.worker_id)},
          {"created_at", store::to_text(task.created_at)},
          {"run_at", store::to_text(task.run_at)},
          {"claimed_at",
           task.claimed_at ? json::value(store::to_text(*task.claimed_at)) : json::value(nullptr)},
          {"finished_at", task.finished_at ? json::value(store::to_text(*task.finished_at))
                                           : json::value(nullptr)}};
}

Status add(const QueueWork& work) {
  jobs::TaskRequest request{.kind = work.arguments.positionals.at(0),
                            .args = work.arguments.value("--args", "{}"),
                            .tenant = work.arguments.value("--tenant")};
  if (work.arguments.has("--queue")) request.queue = work.arguments.value("--queue");
  if (work.arguments.has("--unique")) request.unique_key = work.arguments.value("--unique");
  const jobs::Enqueued task = KATIP_TRY(work.queue.enqueue(request, work.stop()));
  if (!task.is_new) {
    work.session.terminal.say(Level::kInfo, "a task with this unique key is there already");
  }
  work.audit.record({.action = "task.trigger", .target_kind = "task", .target_id = task.id});
  work.print(task.id);
  return {};
}

bool is_address(std::string_view source) {
  return source.starts_with("http://") || source.starts_with("https://");
}

Result<app::Submitted> submit(const QueueWork& work, const std::string& source,
                              const engine::TranscribeOptions& options) {
  if (is_address(source)) {
    app::UrlSubmission submission{.url = source, .tenant = work.arguments.value("--tenant")};
    submission.args.options = options;
    submission.keep_for = keep_jobs_for(work.settings);
    const remote::OutgoingGuard guard = KATIP_TRY(outgoing_guard(work.settings));
    return app::submit_url(work.queue, guard, submission, work.stop());
  }
  app::Submission submission{.file = source,
                             .name = printable(std::filesystem::path(source).filename().string())};
  submission.args.options = options;
  submission.keep_for = keep_jobs_for(work.settings);
  submission.tenant = work.arguments.value("--tenant");
  const MediaPlace media = KATIP_TRY(MediaPlace::open(work.settings, work.session));
  return app::submit_recording(work.queue, media.shelf, submission, work.stop());
}

Status transcribe(const QueueWork& work) {
  const std::vector<std::string> keywords = work.arguments.values("--keyword");
  const engine::TranscribeOptions options = KATIP_TRY(transcribe_options(work.settings, keywords));
  for (const std::string& source : work.arguments.positionals) {
    const auto submitted = submit(work, source, options);
    if (!submitted) return std::unexpected(submitted.error());
    work.audit.record(
        {.action = "job.create",
         .target_kind = "job",
         .target_id = submitted->job_id,
         .details = is_address(source) ? R"({"from":"address"})" : R"({"from":"file"})"});
    work.print(submitted->job_id);
  }
  return {};
}

Status result(const QueueWork& work) {
  const store::PooledConnection connection = KATIP_TRY(work.queue.pool().acquire(work.stop()));
  const std::string& job_id = work.arguments.positionals.at(0);
  const auto job = KATIP_TRY(store::find_job_by_job_id(*connection, job_id));
  if (!job) {
    return fail(ErrorCode::kNotFound, fmt::format("there is no job {}", job_id));
  }
  if (job->status != store::JobStatus::kCompleted) {
    const std::string why = job->error_message ? ": " + printable(*job->error_message) : "";
    return fail(ErrorCode::kUnavailable, fmt::format("the job is {}, {:.0f} % done{}",
                                                     name(job->status), 100 * job->progress, why));
  }
  const auto transcript = KATIP_TRY(store::find_transcript(*connection, job->id));
  work.print(work.is_json() ? transcript.value().transcript : transcript.value().text);
  return {};
}

Status show(const QueueWork& work) {
  const std::string& id = work.arguments.positionals.at(0);
  if (!is_uuid(id)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("`{}` is no id of a task; `katip queue list` shows them", id));
  }
  const store::PooledConnection connection = KATIP_TRY(work.queue.pool().acquire(work.stop()));
  const auto task = KATIP_TRY(store::TaskStore(*connection).find(id));
  if (!task) {
    return fail(ErrorCode::kNotFound, fmt::format("no task {} is kept", id));
  }
  work.print_json(task_json(*task));
  return {};
}

Result<std::vector<store::TaskRecord>> read_tasks(const QueueWork& work, const std::string& state,
                                                  int count_max) {
  const store::PooledConnection connection = KATIP_TRY(work.queue.pool().acquire(work.stop()));
  store::TaskStore tasks(*connection);
  std::optional<std::string> kind;
  if (work.arguments.has("--kind")) kind = work.arguments.value("--kind");
  const bool is_final = state == "completed" || state == "cancelled" || state == "discarded" ||
                        state == "quarantined";
  return is_final ? tasks.final_tasks(state, kind, count_max)
                  : tasks.live_tasks(state, kind, count_max);
}

Status list(const QueueWork& work) {
  const std::string state = work.arguments.value("--state", "discarded");
  const auto tasks = KATIP_TRY(read_tasks(work, state, kListCount));
  if (work.is_json()) {
    json::array all;
    for (const store::TaskRecord& task : tasks) all.push_back(task_json(task));
    work.print_json(all);
    return {};
  }
  for (const store::TaskRecord& task : tasks) {
    const json::value errors = parsed(task.errors);
    std::string last;
    if (errors.is_array() && !errors.as_array().empty() && errors.as_array().back().is_object()) {
      const json::object& error = errors.as_array().back().as_object();
      if (const auto* message = error.if_contains("message"); message && message->is_string()) {
        last = printable(message->as_string().c_str());
      }
    }
    work.print(fmt::format("{}  {:<28} {:<9} {:>4} ago  {}", task.id, task.kind, task.queue,
                           age(work.queue.now() - task.finished_at.value_or(task.run_at)), last));
  }
  if (tasks.empty()) {
    work.session.terminal.say(Level::kInfo, fmt::format("no task is {}", state));
  }
  return {};
}

Status cancel(const QueueWork& work) {
  for (const std::string& id : work.arguments.positionals) {
    KATIP_TRY(work.queue.cancel(id, work.stop()));
    work.audit.record({.action = "task.cancel", .target_kind = "task", .target_id = id});
    work.print(id);
  }
  return {};
}

/// One line for all that were found by their state, as the server writes it.
void note_many(const QueueWork& work, std::size_t count) {
  json::object filter{{"state", work.arguments.value("--state")}};
  if (work.arguments.has("--kind")) filter["name"] = work.arguments.value("--kind");
  const json::object details{{"changed", count}, {"filter", filter}};
  work.audit.record(
      {.action = "task.retry_many", .target_kind = "task", .details = json::serialize(details)});
}

/// Each by itself: one that cannot be retried does not keep the others from it.
Status retry(const QueueWork& work) {
  std::vector<std::string> ids = work.arguments.positionals;
  const bool is_many = ids.empty();
  if (is_many) {
    if (!work.arguments.has("--state")) {
      return fail(ErrorCode::kInvalidArgument,
                  "name tasks, or all of a state: `katip queue retry --state discarded`");
    }
    constexpr int kBulkMax = 100'000;
    for (const auto& task :
         KATIP_TRY(read_tasks(work, work.arguments.value("--state"), kBulkMax))) {
      ids.push_back(task.id);
    }
  }
  Status first;
  std::size_t count = 0;
  for (const std::string& id : ids) {
    const Status status = work.queue.revive(id, work.stop());
    if (status) {
      ++count;
      if (!is_many) {
        work.audit.record({.action = "task.retry", .target_kind = "task", .target_id = id});
      }
    } else if (first) {
      first = fail(id, status.error());
    }
  }
  if (is_many) note_many(work, count);
  work.session.terminal.say(
      Level::kInfo, fmt::format("{} of {} tasks are in the queue again", count, ids.size()));
  return first;
}

Status set_modes(const QueueWork& work, const std::string& mode, const std::string& action) {
  for (const std::string& queue : work.arguments.positionals) {
    if (!jobs::priority_of_queue(queue)) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("`{}` is no queue; there are critical, high, default and low", queue));
    }
  }
  KATIP_TRY(work.queue.with_store(
      [&](store::TaskStore& tasks) -> Status {
        for (const std::string& queue : work.arguments.positionals) {
          KATIP_TRY(tasks.set_queue_mode(queue, mode, work.audit.who().name, work.queue.now()));
        }
        return {};
      },
      work.stop()));
  for (const std::string& queue : work.arguments.positionals) {
    work.audit.record({.action = action, .target_kind = "queue", .target_id = queue});
  }
  return {};
}

Status pause(const QueueWork& work) { return set_modes(work, "paused", "queue.pause"); }
Status resume(const QueueWork& work) { return set_modes(work, "open", "queue.resume"); }
Status drain(const QueueWork& work) { return set_modes(work, "draining", "queue.drain"); }

template <Status (*Body)(const QueueWork&)>
int run(const Arguments& arguments, Session& session) {
  const auto body = [&]() -> Status {
    const Settings settings = KATIP_TRY(load_settings(arguments, session));
    const auto pool = KATIP_TRY(open_records(settings, session, {.connection_count_max = 2}));
    jobs::Queue queue(*pool, session.clock, system_rng(), KATIP_TRY(queue_options(settings)));
    CommandAudit audit(settings, session, *pool);
    return Body({.arguments = arguments,
                 .settings = settings,
                 .session = session,
                 .queue = queue,
                 .audit = audit});
  };
  const Status status = body();
  return status ? kExitSuccess : report(status.error(), session);
}

Flag json_flag(std::string_view help) { return {.name = "--json", .help = help}; }

Positional ids(int count_min) {
  return {.name = "ID", .help = "id of a task", .count_min = count_min, .count_max = 10'000};
}

Command mode_command(std::string_view name, std::string_view summary,
                     int (*body)(const Arguments&, Session&), std::string_view example) {
  return {.name = name,
          .summary = summary,
          .positional = {.name = "QUEUE",
                         .help = "queues by name",
                         .count_min = 1,
                         .count_max = 4,
                         .choices = {"critical", "high", "default", "low"}},
          .examples = {example},
          .run = body};
}

/// What has completed stays so.
std::vector<std::string_view> failed_states() { return {"cancelled", "discarded", "quarantined"}; }

std::vector<std::string_view> all_states() {
  return {"scheduled", "available", "running",   "retryable",
          "completed", "cancelled", "discarded", "quarantined"};
}

/// Those that only look.
std::vector<Command> looking_commands() {
  const Flag kind{.name = "--kind", .value_name = "KIND", .help = "of this kind only"};
  Command status{.name = "status",
                 .summary = "lengths, waits and workers",
                 .flags = {json_flag("as a JSON object")},
                 .examples = {"katip queue status", "katip queue status --json | jq .queues"},
                 .run = &run<&show_status>};
  Command list_tasks{.name = "list",
                     .summary = "show tasks of a state, the newest first",
                     .flags = {{.name = "--state",
                                .value_name = "STATE",
                                .help = "state of the tasks [discarded]",
                                .choices = all_states()},
                               kind,
                               json_flag("as a JSON array")},
                     .examples = {"katip queue list", "katip queue list --state running --json"},
                     .run = &run<&list>};
  Command show_task{
      .name = "show",
      .summary = "print everything about a task, as JSON",
      .positional = {.name = "ID", .help = "id of a task", .count_min = 1, .count_max = 1},
      .examples = {"katip queue show 0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"},
      .run = &run<&show>};
  Command show_result{
      .name = "result",
      .summary = "print the text of a job that is done",
      .flags = {json_flag("the whole transcript")},
      .positional = {.name = "JOB", .help = "id of a job", .count_min = 1, .count_max = 1},
      .examples = {"katip queue result job_0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"},
      .run = &run<&result>};
  return {std::move(status), std::move(list_tasks), std::move(show_task), std::move(show_result)};
}

/// Those that put something in.
std::vector<Command> adding_commands() {
  Command add_task{
      .name = "add",
      .summary = "put a task in and print its id",
      .flags = {{.name = "--args", .value_name = "JSON", .help = "what it works on [{}]"},
                {.name = "--queue",
                 .value_name = "QUEUE",
                 .help = "another queue than its kind's",
                 .choices = {"critical", "high", "default", "low"}},
                {.name = "--tenant", .value_name = "NAME", .help = "whose it is"},
                {.name = "--unique",
                 .value_name = "KEY",
                 .help = "not while one with this key is there"}},
      .positional = {.name = "KIND", .help = "kind of the task", .count_min = 1, .count_max = 1},
      .examples = {"katip queue add cleanup.history --args '{\"days\": 7}'"},
      .run = &run<&add>};
  Command transcribe_files{
      .name = "transcribe",
      .summary = "copy recordings into the data folder, queue them, print the ids of their jobs",
      .flags = {flag_of("transcribe.language"),
                flag_of("transcribe.beam"),
                flag_of("transcribe.words"),
                flag_of("transcribe.prompt"),
                flag_of("transcribe.vad"),
                flag_of("jobs.keep_days"),
                {.name = "--keyword",
                 .value_name = "TERM",
                 .help = "name or term to expect",
                 .is_repeatable = true},
                {.name = "--tenant", .value_name = "NAME", .help = "whose they are"}},
      .positional = {.name = "FILE|URL",
                     .help = "recordings; those by address are fetched by a worker",
                     .count_min = 1,
                     .count_max = 10'000,
                     .completes = Completes::kFile},
      .examples = {"katip queue transcribe --language tr meeting.mp4"},
      .run = &run<&transcribe>};
  return {std::move(add_task), std::move(transcribe_files)};
}

/// Those that change what is there.
std::vector<Command> steering_commands() {
  const Flag kind{.name = "--kind", .value_name = "KIND", .help = "of this kind only"};
  Command retry_tasks{.name = "retry",
                      .summary = "begin failed tasks anew",
                      .details =
                          "Discarded, quarantined and cancelled tasks go back to the queue, with "
                          "all their attempts. What has completed stays so.",
                      .flags = {{.name = "--state",
                                 .value_name = "STATE",
                                 .help = "all of this state",
                                 .choices = failed_states()},
                                kind},
                      .positional = ids(0),
                      .examples = {"katip queue retry --state discarded --kind ai.translate",
                                   "katip queue retry 0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"},
                      .run = &run<&retry>};
  Command cancel_tasks{.name = "cancel",
                       .summary = "cancel tasks; running ones are asked to stop",
                       .positional = ids(1),
                       .examples = {"katip queue cancel 0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"},
                       .run = &run<&cancel>};
  return {std::move(retry_tasks), std::move(cancel_tasks),
          mode_command("pause", "stop claiming from queues; what runs goes on", &run<&pause>,
                       "katip queue pause low"),
          mode_command("resume", "open queues again", &run<&resume>, "katip queue resume low high"),
          mode_command("drain", "take no new tasks; what waits is still done", &run<&drain>,
                       "katip queue drain default")};
}

}  // namespace

Command queue_command() {
  std::vector<Command> commands = looking_commands();
  std::ranges::move(adding_commands(), std::back_inserter(commands));
  std::ranges::move(steering_commands(), std::back_inserter(commands));
  std::ranges::move(operating_commands(), std::back_inserter(commands));
  return {.name = "queue",
          .summary = "look at the queue and steer it",
          .examples = {"katip queue status", "katip queue pause low",
                       "katip queue retry --state discarded"},
          .subcommands = std::move(commands)};
}

}  // namespace katip::cli
