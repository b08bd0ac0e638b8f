#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/backup_folder.h"
#include "app/backup_remote.h"
#include "app/backup_restore.h"
#include "app/backup_tasks.h"
#include "base/readable.h"
#include "cli/accounts/command_audit.h"
#include "cli/accounts/work.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/queue/backup_settings.h"
#include "cli/queue/database.h"
#include "cli/queue/media_place.h"

/// Tested by tests/e2e/test_backup.py.
namespace katip::cli {
namespace {

namespace json = boost::json;
using app::Backup;

constexpr std::chrono::hours kAgeMax(26);

struct BackupWork {
  const Arguments& arguments;
  Session& session;
  const Settings& settings;
  app::BackupFolder& folder;

  [[nodiscard]] std::stop_token stop() const { return session.signals.token(); }
  [[nodiscard]] bool is_json() const { return arguments.has("--json"); }
  void say(const std::string& message) const { session.terminal.say(Level::kInfo, message); }
  void warn(const std::string& message) const { session.terminal.say(Level::kWarning, message); }
  void print(const json::value& value) const {
    session.terminal.write(json::serialize(value) + "\n");
  }
  /// The bottom line of the terminal: the step, and how far it is.
  [[nodiscard]] app::BackupObserver observer() const {
    app::BackupObserver observer;
    auto step = std::make_shared<std::string>();
    observer.on_step = [this, step](const std::string& what) {
      *step = what;
      session.terminal.set_status(what + " …");
    };
    observer.on_progress = [this, step](std::int64_t done, std::int64_t total) {
      if (total <= 0) return;
      session.terminal.set_status(
          fmt::format("{} {} % of {}", *step, 100 * done / total, readable_bytes(total)));
    };
    return observer;
  }
};

/// Writes down who did it, in the database that is live now.
void note(const BackupWork& work, store::Pool& pool, const char* action, const std::string& name) {
  CommandAudit(work.settings, work.session, pool)
      .record({.action = action, .target_kind = "backup", .target_id = name});
}

std::string_view state_of(const Backup& backup) {
  if (!backup.verification) return "not verified";
  return backup.verification->is_good ? "verified" : "failed";
}

std::int64_t row_count(const app::BackupManifest& manifest) {
  std::int64_t sum = 0;
  for (const auto& [table, count] : manifest.database.row_counts) sum += count;
  return sum;
}

json::object to_json(const Backup& backup) {
  const app::BackupManifest& manifest = backup.manifest;
  json::object object{
      {"id", manifest.id},
      {"name", manifest.name},
      {"kind", app::name(manifest.kind)},
      {"state", state_of(backup)},
      {"folder", backup.folder.string()},
      {"size", manifest.size()},
      {"media", manifest.media ? json::value(to_json(*manifest.media)) : nullptr},
      {"created_at", app::to_text(manifest.created_at)},
      {"completed_at", app::to_text(manifest.completed_at)},
      {"database", manifest.database_kind},
      {"schema_heads", json::value_from(manifest.database.schema_heads)},
      {"row_count", row_count(manifest)},
      {"katip_version", manifest.katip_version},
      {"key_id", manifest.key_id ? json::value(*manifest.key_id) : json::value(nullptr)},
      {"verified_at", nullptr},
      {"error", nullptr}};
  if (backup.is_verified()) {
    object["verified_at"] = app::to_text(backup.verification->verified_at);
  } else if (backup.verification) {
    object["error"] = backup.verification->error;
  }
  return object;
}

Result<std::unique_ptr<store::Pool>> open_pool(const BackupWork& work) {
  return open_records(work.settings, work.session, {.connection_count_max = 2});
}

/// The one that is named, else the newest.
Result<Backup> chosen(const BackupWork& work) {
  if (!work.arguments.positionals.empty()) {
    return work.folder.find(work.arguments.positionals.front());
  }
  app::BackupList known = KATIP_TRY(work.folder.list());
  if (!known.backups.empty()) return std::move(known.backups.front());
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no backup in {} yet: `katip backup create` makes one",
                          work.folder.options().folder.string()));
}

// --- What the commands do -----------------------------------------------------------------------

void send(const BackupWork& work);

/// What is missing is worth a warning, also where the answer is JSON.
void tell_media(const BackupWork& work, const app::BackupManifest& manifest) {
  if (!manifest.media) return;
  const app::BackupMedia& media = *manifest.media;
  if (!work.is_json()) {
    work.say(fmt::format("{} recordings belong to it, {} that all backups share", media.count,
                         readable_bytes(media.size)));
  }
  if (!media.problem.empty()) {
    work.warn(fmt::format("{} recordings are NOT in it: {}", media.missing_count, media.problem));
  } else if (media.missing_count > 0) {
    work.warn(fmt::format("{} recordings that the database names are not there any more",
                          media.missing_count));
  }
}

Status create(const BackupWork& work) {
  const auto kind = app::parse_backup_kind(work.arguments.value("--kind", "manual"));
  const auto pool = KATIP_TRY(open_pool(work));
  const app::MadeBackup made =
      KATIP_TRY(app::make_backup(work.folder, *pool, *kind, work.observer(), work.stop()));
  work.session.terminal.set_status("");
  note(work, *pool, "backup.create", made.backup.manifest.name);
  send(work);
  if (work.is_json()) {
    tell_media(work, made.backup.manifest);
    work.print(to_json(made.backup));
    return {};
  }
  work.session.terminal.write(made.backup.manifest.name + "\n");
  work.say(fmt::format("{} with {} rows, restored as a trial in {:.1f} s",
                       readable_bytes(made.backup.manifest.size()), row_count(made.backup.manifest),
                       made.backup.verification->seconds));
  tell_media(work, made.backup.manifest);
  for (const Backup& copy : made.copies) {
    work.say(fmt::format("it is {} too", copy.manifest.name));
  }
  for (const std::string& name : made.removed) work.say(fmt::format("let {} go", name));
  return {};
}

/// Errors: kInvalidArgument when none is set.
Result<media::BlobStore*> remote_of(const BackupWork& work) {
  media::BlobStore* const remote = work.folder.options().remote.get();
  if (remote != nullptr) return remote;
  return fail(ErrorCode::kInvalidArgument,
              "there is no second place for backups: set backup.remote_url "
              "(KATIP_BACKUP_REMOTE_URL=s3://bucket/prefix)");
}

Status list_remote(const BackupWork& work) {
  media::BlobStore* const remote = KATIP_TRY(remote_of(work));
  const auto names = KATIP_TRY(app::list_remote_backups(*remote, work.stop()));
  if (work.is_json()) {
    work.print(json::value_from(names));
  } else {
    for (const std::string& name : names) work.session.terminal.write(name + "\n");
  }
  return {};
}

Status fetch(const BackupWork& work) {
  media::BlobStore* const remote = KATIP_TRY(remote_of(work));
  const Backup backup =
      KATIP_TRY(app::fetch_backup(work.folder, *remote,
                                  {.name = work.arguments.positionals.front(),
                                   .with_media = !work.arguments.has("--no-media"),
                                   .observer = work.observer()},
                                  work.stop()));
  work.session.terminal.set_status("");
  work.say(fmt::format("{} is in {}", backup.manifest.name, backup.folder.string()));
  return {};
}

void tell_sent(const BackupWork& work, const media::BlobStore& remote,
               const app::SentBackups& sent) {
  for (const app::UnsentBackup& each : sent.unsent) {
    work.warn(fmt::format("{} is not in the second place: {}", each.name, each.why));
  }
  work.say(fmt::format("{} sent to {}", sent.names.size(), remote.description()));
}

/// After a backup; one that is here and not there is worth a warning, and is sent with the next.
void send(const BackupWork& work) {
  media::BlobStore* const remote = work.folder.options().remote.get();
  if (remote == nullptr) return;
  const auto sent = app::send_backups(work.folder, *remote, work.stop());
  if (sent) {
    tell_sent(work, *remote, *sent);
  } else {
    work.warn("it is not in the second place yet: " + sent.error().message);
  }
}

Status send_all(const BackupWork& work) {
  media::BlobStore* const remote = KATIP_TRY(remote_of(work));
  const app::SentBackups sent = KATIP_TRY(app::send_backups(work.folder, *remote, work.stop()));
  tell_sent(work, *remote, sent);
  if (sent.names.empty()) return {};
  const auto pool = KATIP_TRY(open_pool(work));
  for (const std::string& name : sent.names) note(work, *pool, "backup.send", name);
  return {};
}

Status list(const BackupWork& work) {
  if (work.arguments.has("--remote")) return list_remote(work);
  const app::BackupList known = KATIP_TRY(work.folder.list());
  json::array all;
  std::vector<std::vector<std::string>> lines = {
      {"NAME", "STATE", "SIZE", "RECORDINGS", "ROWS", "CREATED (UTC)", "SCHEMA", "KEY"}};
  for (const Backup& each : known.backups) {
    const app::BackupManifest& manifest = each.manifest;
    all.push_back(to_json(each));
    lines.push_back({manifest.name, std::string(state_of(each)), readable_bytes(manifest.size()),
                     manifest.media ? std::to_string(manifest.media->count) : "-",
                     std::to_string(row_count(manifest)), short_time(manifest.created_at),
                     fmt::format("{}", fmt::join(manifest.database.schema_heads, ",")),
                     manifest.key_id.value_or("-")});
  }
  for (const app::DamagedBackup& each : known.damaged) {
    work.warn(fmt::format("{}: {}", each.name, each.error.message));
  }
  if (work.is_json()) {
    work.print(all);
  } else if (all.empty()) {
    work.say(fmt::format("there is no backup in {}; `katip backup create` makes one",
                         work.folder.options().folder.string()));
  } else {
    work.session.terminal.write(table_text(lines));
  }
  return {};
}

Status verify(const BackupWork& work) {
  const Backup backup = KATIP_TRY(chosen(work));
  const app::RestoreProof proof =
      KATIP_TRY(work.folder.verify(backup, work.observer(), work.stop()));
  work.session.terminal.set_status("");
  if (work.is_json()) {
    work.print({{"name", backup.manifest.name},
                {"seconds", proof.seconds},
                {"row_count", row_count(backup.manifest)}});
    return {};
  }
  work.say(
      fmt::format("{} is good: it was restored into a database of its own in {:.1f} s, with "
                  "all {} rows",
                  backup.manifest.name, proof.seconds, row_count(backup.manifest)));
  return {};
}

Result<std::chrono::seconds> wait_of(const Arguments& arguments) {
  constexpr int kWaitMax_s = 86'400;
  const std::string text = arguments.value("--wait", "0");
  int seconds = -1;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && rest == text.data() + text.size() && seconds >= 0 &&
      seconds <= kWaitMax_s) {
    return std::chrono::seconds(seconds);
  }
  return fail(ErrorCode::kInvalidArgument, "--wait needs seconds, 0 to 86400");
}

json::value media_json(const std::optional<app::MediaReturn>& media) {
  if (!media) return nullptr;
  return {{"present_count", media->present_count},
          {"restored_count", media->restored_count},
          {"differing_count", media->differing_count},
          {"failed_count", media->failed_count}};
}

void tell_returned(const BackupWork& work, const app::MediaReturn& media) {
  for (const std::string& complaint : media.complaints) work.warn(complaint);
  if (media.differing_count + media.failed_count > 0) {
    work.warn(fmt::format("{} recordings could not be put back, {} were left as they are",
                          media.failed_count, media.differing_count));
  }
  if (work.is_json()) return;
  work.say(fmt::format("{} recordings were put back, {} were there", media.restored_count,
                       media.present_count));
}

void tell_restored(const BackupWork& work, const app::RestoreReport& report) {
  if (work.is_json()) {
    work.print({{"name", report.name},
                {"dry_run", work.arguments.has("--dry-run")},
                {"safety_backup",
                 report.safety_backup ? json::value(*report.safety_backup) : json::value(nullptr)},
                {"upgraded_count", report.upgraded_count},
                {"media", media_json(report.media)},
                {"seconds", report.seconds}});
  } else if (work.arguments.has("--dry-run")) {
    work.say(fmt::format("{} is good and would be restored; nothing was changed", report.name));
  } else {
    work.say(fmt::format("{} is restored, in {:.1f} s", report.name, report.seconds));
    if (report.upgraded_count > 0) {
      work.say(
          fmt::format("its schema was older: {} revisions were applied", report.upgraded_count));
    }
    if (report.safety_backup) {
      work.say(fmt::format("what was live before is {}", *report.safety_backup));
    }
  }
}

/// Harmless while others work: it only makes files that are missing.
Status restore_media(const BackupWork& work, const Backup& backup) {
  if (!backup.manifest.media) {
    return fail(ErrorCode::kInvalidArgument,
                backup.manifest.name + " was made without recordings (backup.media)");
  }
  const app::MediaReturn media =
      KATIP_TRY(work.folder.put_back_recordings(backup, work.observer(), work.stop()));
  work.session.terminal.set_status("");
  tell_returned(work, media);
  if (work.is_json()) {
    work.print({{"name", backup.manifest.name}, {"media", media_json(media)}});
  }
  return {};
}

Status restore(const BackupWork& work) {
  const Backup backup = KATIP_TRY(work.folder.find(work.arguments.positionals.front()));
  if (work.arguments.has("--only-media")) return restore_media(work, backup);
  app::RestoreRequest request{.backup = backup};
  request.is_dry_run = work.arguments.has("--dry-run");
  request.with_safety_backup = !work.arguments.has("--no-safety-backup");
  request.with_media = !work.arguments.has("--no-media");
  request.wait_max = KATIP_TRY(wait_of(work.arguments));
  request.observer = work.observer();
  const app::RestoreReport report =
      KATIP_TRY(app::restore_backup(work.folder, request, work.session.clock, work.stop()));
  work.session.terminal.set_status("");
  if (report.media) tell_returned(work, *report.media);
  tell_restored(work, report);
  if (request.is_dry_run) return {};
  const auto pool = KATIP_TRY(open_pool(work));
  note(work, *pool, "backup.restore", report.name);
  return {};
}

void print_plan(const BackupWork& work, const std::vector<app::RetentionDecision>& plan) {
  json::array all;
  std::vector<std::vector<std::string>> lines = {{"NAME", "DECISION", "WHY"}};
  for (const app::RetentionDecision& each : plan) {
    all.push_back(
        {{"name", each.name}, {"keep", each.is_kept}, {"reasons", json::value_from(each.reasons)}});
    lines.push_back({each.name, each.is_kept ? "keep" : "remove",
                     fmt::format("{}", fmt::join(each.reasons, "; "))});
  }
  if (work.is_json()) {
    work.print(all);
  } else {
    work.session.terminal.write(table_text(lines));
  }
}

Status prune(const BackupWork& work) {
  const auto plan = KATIP_TRY(work.folder.plan_prune());
  print_plan(work, plan);
  const auto removed_count =
      std::ranges::count_if(plan, [](const auto& each) { return !each.is_kept; });
  if (work.arguments.has("--dry-run")) {
    work.say(fmt::format("{} would be removed; nothing was changed", removed_count));
    return {};
  }
  const auto pool = KATIP_TRY(open_pool(work));
  const std::vector<std::string> removed = KATIP_TRY(work.folder.prune());
  KATIP_TRY(work.folder.record(*pool, work.stop()));
  for (const std::string& name : removed) note(work, *pool, "backup.prune", name);
  work.say(fmt::format("{} removed", removed.size()));
  return {};
}

Status stats(const BackupWork& work) {
  const app::BackupList known = KATIP_TRY(work.folder.list());
  std::map<std::string, int> counts;
  std::int64_t size = 0;
  for (const Backup& each : known.backups) {
    ++counts[std::string(app::name(each.manifest.kind))];
    if (!each.manifest.copy_of) size += each.manifest.size();
  }
  const auto newest = std::ranges::find_if(known.backups, &Backup::is_verified);
  const bool has_any = newest != known.backups.end();
  const bool is_overdue = !has_any || work.folder.now() - newest->manifest.created_at > kAgeMax;
  std::error_code error;
  const auto space = std::filesystem::space(work.folder.options().folder, error);
  if (work.is_json()) {
    work.print({{"folder", work.folder.options().folder.string()},
                {"count", known.backups.size()},
                {"damaged_count", known.damaged.size()},
                {"counts", json::value_from(counts)},
                {"size", size},
                {"free", error ? 0 : static_cast<std::int64_t>(space.available)},
                {"newest_verified", has_any ? json::value(newest->manifest.name) : nullptr},
                {"newest_verified_at",
                 has_any ? json_time(newest->manifest.created_at) : json::value(nullptr)},
                {"restore_seconds", has_any ? newest->verification->seconds : 0},
                {"is_overdue", is_overdue}});
    return {};
  }
  std::vector<std::vector<std::string>> lines = {
      {"folder", work.folder.options().folder.string()},
      {"backups", std::to_string(known.backups.size())},
      {"damaged", std::to_string(known.damaged.size())},
      {"size", readable_bytes(size)},
      {"free", error ? "-" : readable_bytes(static_cast<std::int64_t>(space.available))},
      {"newest verified", has_any ? newest->manifest.name : "none"},
      {"restored in", has_any ? fmt::format("{:.1f} s", newest->verification->seconds) : "-"}};
  for (const auto& [kind, count] : counts) lines.push_back({kind, std::to_string(count)});
  work.session.terminal.write(table_text(lines));
  if (is_overdue) work.warn("nothing was backed up and verified for 26 hours");
  return {};
}

template <Status (*Body)(const BackupWork&)>
int run(const Arguments& arguments, Session& session) {
  const auto work = [&]() -> Status {
    const Settings settings = KATIP_TRY(load_settings(arguments, session));
    auto bucket = KATIP_TRY(open_bucket(settings, session, "storage.url"));
    auto options = KATIP_TRY(backup_options(settings, session, std::move(bucket)));
    if (arguments.has("--media")) options.with_media = true;
    if (arguments.has("--no-media")) options.with_media = false;
    auto folder =
        KATIP_TRY(app::BackupFolder::open(std::move(options), session.clock, system_rng()));
    return Body(
        {.arguments = arguments, .session = session, .settings = settings, .folder = folder});
  };
  const Status status = work();
  session.terminal.set_status("");
  return status ? kExitSuccess : report(status.error(), session);
}

Flag json_flag() { return {.name = "--json", .help = "as JSON"}; }
Flag dry_run_flag() { return {.name = "--dry-run", .help = "only say what would be done"}; }

std::vector<Command> reading_commands() {
  Command show{.name = "list",
               .summary = "show the backups, the newest first",
               .flags = {{.name = "--remote", .help = "those of the second place"}, json_flag()},
               .examples = {"katip backup list", "katip backup list --json | jq -r .[0].name"},
               .run = &run<&list>};
  Command prove{
      .name = "verify",
      .summary = "restore a backup into a database of its own, and compare",
      .details = "Nothing that is live is touched; `katip serve` may run.",
      .flags = {json_flag()},
      .positional = {.name = "BACKUP",
                     .help = "its name, id, or the path of its manifest; else the newest",
                     .count_max = 1},
      .examples = {"katip backup verify", "katip backup verify katip_daily_20260301_030000"},
      .run = &run<&verify>};
  Command figures{.name = "stats",
                  .summary = "how many there are, their size, the newest that is good",
                  .flags = {json_flag()},
                  .examples = {"katip backup stats"},
                  .run = &run<&stats>};
  return {std::move(show), std::move(prove), std::move(figures)};
}

std::vector<Command> changing_commands() {
  Command make{
      .name = "create",
      .summary = "back up database, profiles and state, and prove it by a restore",
      .details = "Everybody may go on working meanwhile. What is too old goes afterwards.",
      .flags = {{.name = "--kind",
                 .value_name = "KIND",
                 .help = "daily counts among those of the calendar",
                 .choices = {"manual", "daily"}},
                {.name = "--media", .help = "recordings come along, whatever backup.media says"},
                {.name = "--no-media", .help = "recordings do not come along"},
                json_flag()},
      .examples = {"katip backup create", "katip backup create --media",
                   "KATIP_BACKUP_KEY_FILE=/etc/katip/backup.key katip backup create"},
      .run = &run<&create>};
  Command back{
      .name = "restore",
      .summary = "put a backup in the place of the live database, profiles and state",
      .details =
          "Stop `katip serve` and `katip worker` first. The backup is verified, what is live "
          "becomes a backup too, and then one takes the place of the other in one step: "
          "whatever fails or is killed, the one or the other is there as a whole.",
      .flags = {dry_run_flag(),
                {.name = "--no-safety-backup",
                 .help = "do not back up what is live; it is lost then"},
                {.name = "--no-media", .help = "do not put recordings back"},
                {.name = "--only-media",
                 .help = "put back recordings that are missing and nothing else; others may work"},
                {.name = "--wait",
                 .value_name = "SECONDS",
                 .help = "how long to wait for others to stop working on the database"},
                json_flag()},
      .positional = {.name = "BACKUP",
                     .help = "its name, id, or the path of its manifest",
                     .count_min = 1,
                     .count_max = 1},
      .examples = {"katip backup restore katip_daily_20260301_030000 --dry-run",
                   "katip backup restore katip_daily_20260301_030000",
                   "katip backup restore /mnt/usb/katip_daily_20260301_030000.manifest.json"},
      .run = &run<&restore>};
  Command let_go{.name = "prune",
                 .summary = "let go what is older than what the settings keep",
                 .flags = {dry_run_flag(), json_flag()},
                 .examples = {"katip backup prune --dry-run", "katip backup prune"},
                 .run = &run<&prune>};
  Command bring{.name = "fetch",
                .summary = "bring a backup from the second place into the folder",
                .flags = {{.name = "--no-media", .help = "without its recordings"}},
                .positional = {.name = "BACKUP",
                               .help = "its name, as `katip backup list --remote` shows it",
                               .count_min = 1,
                               .count_max = 1},
                .examples = {"katip backup fetch katip_daily_20260301_030000"},
                .run = &run<&fetch>};
  Command push{.name = "send",
               .summary = "send what is verified and not in the second place yet",
               .details = "A backup with recordings needs the key that it was made with.",
               .examples = {"katip backup send",
                            "KATIP_BACKUP_KEY_FILE=/etc/katip/old.key katip backup send"},
               .run = &run<&send_all>};
  return {std::move(make), std::move(back), std::move(bring), std::move(push), std::move(let_go)};
}

}  // namespace

Command backup_command() {
  std::vector<Command> commands = changing_commands();
  for (Command& command : reading_commands()) commands.push_back(std::move(command));
  return {.name = "backup",
          .summary = "back up, verify, restore",
          .examples = {"katip backup create", "katip backup list",
                       "katip backup restore katip_daily_20260301_030000"},
          .subcommands = std::move(commands)};
}

}  // namespace katip::cli
