#include "app/backup_tasks.h"

#include <algorithm>
#include <memory>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/backup_figures.h"
#include "app/json/text_field.h"
#include "store/backup_store.h"

/// Tested by backup_tasks_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

/// The members of the args: those that are named here, texts or true and false.
Result<json::object> args_of(const jobs::TaskContext& context,
                             std::initializer_list<std::string_view> known) {
  json::object object = json::parse(context.task.args).as_object();
  for (const auto& [key, value] : object) {
    if (std::ranges::find(known, std::string_view(key)) == known.end() ||
        !(value.is_string() || value.is_bool())) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("the args of {} may have {}", context.task.kind,
                      known.size() == 0 ? "nothing" : fmt::format("{}", fmt::join(known, ", "))));
    }
  }
  return object;
}

/// How far a step is, as progress of the task: each half is one of making and proving.
BackupObserver observer_of(jobs::TaskContext& context) {
  BackupObserver observer;
  observer.on_progress = [&context](std::int64_t done, std::int64_t total) {
    if (total <= 0) return;
    const double part = static_cast<double>(done) / static_cast<double>(total);
    static_cast<void>(context.lease.report_progress(std::min(part, 1.0) * 0.9));
  };
  return observer;
}

json::array names_of(const std::vector<Backup>& backups) {
  json::array names;
  for (const Backup& each : backups) names.emplace_back(each.manifest.name);
  return names;
}

jobs::TaskResult result_of(json::object object) { return {.json = json::serialize(object)}; }

struct Workshop {
  jobs::Queue& queue;
  Rng& rng;
  BackupOptions options;
  std::function<void(const UnsentBackup&)> on_unsent;

  [[nodiscard]] Result<BackupFolder> open() const {
    return BackupFolder::open(options, queue.clock(), rng);
  }
};

Result<jobs::TaskResult> create(const Workshop& workshop, jobs::TaskContext& context) {
  const json::object args = KATIP_TRY(args_of(context, {"kind"}));
  const std::string text = text_in(args, "kind");
  const auto kind = text.empty() ? BackupKind::kManual : parse_backup_kind(text);
  if (!kind || (*kind != BackupKind::kDaily && *kind != BackupKind::kManual)) {
    return fail(ErrorCode::kInvalidArgument,
                "kind: daily or manual; weekly and monthly ones are copies of daily ones");
  }
  BackupFolder folder = KATIP_TRY(workshop.open());
  const MadeBackup made = KATIP_TRY(
      make_backup(folder, workshop.queue.pool(), *kind, observer_of(context), context.stop));
  // By a task of its own, which is tried again while the bucket is away.
  if (workshop.options.remote) {
    KATIP_TRY(workshop.queue.enqueue({.kind = kBackupSendKind, .unique_key = kBackupSendKind},
                                     context.stop));
  }
  const BackupManifest& manifest = made.backup.manifest;
  return result_of({{"id", manifest.id},
                    {"name", manifest.name},
                    {"size", manifest.size()},
                    {"media", manifest.media ? json::value(to_json(*manifest.media)) : nullptr},
                    {"verify_seconds", made.backup.verification->seconds},
                    {"copies", names_of(made.copies)},
                    {"removed", json::value_from(made.removed)}});
}

Result<jobs::TaskResult> prove(const Workshop& workshop, BackupFolder& folder, const Backup& backup,
                               jobs::TaskContext& context) {
  const auto proof = folder.verify(backup, observer_of(context), context.stop);
  const Status recorded = folder.record(workshop.queue.pool(), context.stop);
  if (!proof) return std::unexpected(proof.error());
  KATIP_TRY(recorded);
  return result_of({{"id", backup.manifest.id},
                    {"name", backup.manifest.name},
                    {"seconds", proof->seconds},
                    {"row_count", [&] {
                       std::int64_t sum = 0;
                       for (const auto& [table, count] : proof->database.row_counts) sum += count;
                       return sum;
                     }()}});
}

Result<jobs::TaskResult> verify(const Workshop& workshop, jobs::TaskContext& context) {
  const json::object args = KATIP_TRY(args_of(context, {"id", "name"}));
  const std::string which = text_in(args, args.contains("id") ? "id" : "name");
  BackupFolder folder = KATIP_TRY(workshop.open());
  const Backup backup = KATIP_TRY(folder.find(which));
  return prove(workshop, folder, backup, context);
}

Result<jobs::TaskResult> drill(const Workshop& workshop, jobs::TaskContext& context) {
  KATIP_TRY(args_of(context, {}));
  BackupFolder folder = KATIP_TRY(workshop.open());
  const BackupList known = KATIP_TRY(folder.list());
  if (known.backups.empty()) {
    return fail(ErrorCode::kNotFound, fmt::format("there is no backup in {} that could be restored",
                                                  workshop.options.folder.string()));
  }
  return prove(workshop, folder, known.backups.front(), context);
}

Result<jobs::TaskResult> prune(const Workshop& workshop, jobs::TaskContext& context) {
  const json::object args = KATIP_TRY(args_of(context, {"dry_run"}));
  const json::value* dry_run = args.if_contains("dry_run");
  const bool is_dry_run = dry_run != nullptr && dry_run->is_bool() && dry_run->get_bool();
  BackupFolder folder = KATIP_TRY(workshop.open());
  std::vector<std::string> removed;
  if (is_dry_run) {
    for (const RetentionDecision& each : KATIP_TRY(folder.plan_prune())) {
      if (!each.is_kept) removed.push_back(each.name);
    }
  } else {
    removed = KATIP_TRY(folder.prune());
    KATIP_TRY(folder.record(workshop.queue.pool(), context.stop));
  }
  return result_of({{"dry_run", is_dry_run}, {"removed", json::value_from(removed)}});
}

Result<jobs::TaskResult> send(const Workshop& workshop, jobs::TaskContext& context) {
  KATIP_TRY(args_of(context, {}));
  if (!workshop.options.remote) {
    return fail(ErrorCode::kInvalidArgument,
                "there is no second place for backups: set backup.remote_url");
  }
  const BackupFolder folder = KATIP_TRY(workshop.open());
  media::BlobStore& remote = *workshop.options.remote;
  const SentBackups sent = KATIP_TRY(send_backups(folder, remote, context.stop));
  const auto removed = KATIP_TRY(forget_backups(folder, remote, context.stop));
  json::array unsent;
  for (const UnsentBackup& each : sent.unsent) {
    workshop.on_unsent(each);
    unsent.push_back({{"name", each.name}, {"why", each.why}});
  }
  return result_of({{"sent", json::value_from(sent.names)},
                    {"removed", json::value_from(removed)},
                    {"unsent", std::move(unsent)}});
}

}  // namespace

Result<MadeBackup> make_backup(BackupFolder& folder, store::Pool& pool, BackupKind kind,
                               const BackupObserver& observer, std::stop_token stop) {
  const auto run = [&]() -> Result<MadeBackup> {
    MadeBackup made{.backup = KATIP_TRY(folder.create(pool, kind, observer, stop)),
                    .copies = {},
                    .removed = {}};
    // A recording was read when it came into the folder; the drill reads all of them again.
    KATIP_TRY(folder.verify(made.backup, observer, stop, MediaCheck::kSizes));
    made.backup = KATIP_TRY(folder.find(made.backup.manifest.id));
    made.copies = KATIP_TRY(folder.copy_tiers(made.backup));
    made.removed = KATIP_TRY(folder.prune());
    return made;
  };
  auto made = run();
  const Status recorded = folder.record(pool, stop);
  if (made && !recorded) return std::unexpected(recorded.error());
  return made;
}

jobs::Handlers backup_handlers(jobs::Queue& queue, BackupOptions options, Rng& rng,
                               std::function<void(const UnsentBackup&)> on_unsent) {
  const auto workshop =
      std::make_shared<const Workshop>(Workshop{.queue = queue,
                                                .rng = rng,
                                                .options = std::move(options),
                                                .on_unsent = std::move(on_unsent)});
  jobs::Handlers handlers;
  const auto add = [&](const char* kind, auto* run) {
    handlers[kind] = {
        .run = [workshop, run](jobs::TaskContext& context) { return run(*workshop, context); }};
  };
  add(kBackupCreateKind, &create);
  add(kBackupVerifyKind, &verify);
  add(kBackupDrillKind, &drill);
  add(kBackupPruneKind, &prune);
  add(kBackupSendKind, &send);
  return handlers;
}

Status catch_up_backup(jobs::Queue& queue, std::stop_token stop) {
  constexpr std::chrono::hours kDay(24);
  bool is_due = false;
  {
    const store::PooledConnection sql = KATIP_TRY(queue.pool().acquire(stop));
    const bool is_first = KATIP_TRY(store::list_backups(*sql, 1)).empty();
    const BackupFigures figures = KATIP_TRY(backup_figures(*sql));
    is_due = !is_first && figures.is_overdue(queue.now(), kDay);
  }
  if (!is_due) return {};
  KATIP_TRY(queue.enqueue(
      {.kind = kBackupCreateKind, .args = R"({"kind": "daily"})", .unique_key = kBackupCreateKind},
      stop));
  return {};
}

}  // namespace katip::app
