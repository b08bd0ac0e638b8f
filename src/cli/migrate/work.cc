#include "cli/migrate/work.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/accounts/operating_system_user.h"
#include "cli/config/database_choice.h"
#include "cli/exit_code.h"
#include "cli/migrate/upgrade_copies.h"
#include "store/wait_for_database.h"

// Tested by tests/e2e/test_migrate.py.
namespace katip::cli {
namespace {

using std::chrono::milliseconds;

constexpr double kMillisecondsInSecond = 1000;

milliseconds duration_of(const MigrateSettings& settings, std::string_view key) {
  return milliseconds(static_cast<std::int64_t>(settings.number(key) * kMillisecondsInSecond));
}

/// Every statement as a message.
class StatementLog final : public store::StatementObserver {
 public:
  explicit StatementLog(Terminal& terminal) : terminal_(terminal) {}

  void on_statement(std::string_view sql, std::chrono::microseconds duration,
                    const Error* error) override {
    terminal_.say(Level::kInfo,
                  fmt::format("sql ({:.1f} ms{}): {}",
                              static_cast<double>(duration.count()) / kMillisecondsInSecond,
                              error == nullptr ? "" : ", failed", sql));
  }

 private:
  Terminal& terminal_;
};

Level level_of(const std::string& name) {
  if (name == "error") {
    return Level::kError;
  }
  return name == "warning" ? Level::kWarning : Level::kInfo;
}

store::ConnectionOptions connection_options(const MigrateSettings& settings,
                                            store::StatementObserver* observer) {
  store::ConnectionOptions options;
  options.connect_timeout = duration_of(settings, "connect_timeout");
  options.statement_timeout = duration_of(settings, "statement_timeout");
  options.busy_timeout = duration_of(settings, "lock_timeout");
  options.idle_transaction_timeout = milliseconds(0);
  options.application_name = "katip migrate";
  options.observer = observer;
  return options;
}

/// Settings of all kinds; also sets the level of messages.
Result<MigrateWork> prepare(const Arguments& arguments, Session& session) {
  Arguments typed = arguments;
  // -c names either kind of file; a katip.toml is read by the settings themselves.
  if (typed.value("--ini").ends_with(".toml")) {
    typed.flags["--config"] = typed.flags["--ini"];
    typed.flags.erase("--ini");
  }
  const Settings settings = KATIP_TRY(load_settings(typed, session));
  MigrateWork work{
      .settings = KATIP_TRY(load_migrate_settings(typed, settings, session.environment)),
      .data_dir = settings.data_dir(),
      .postgres_programs = settings.text("backup.postgres_programs")};
  if (!arguments.has("--quiet")) {
    session.terminal.set_level(level_of(work.settings.text("log_level")));
  }
  return work;
}

/// Whoever keeps other schemas has backups of their own.
std::optional<store::UpgradeBackupOptions> copies_of(const MigrateWork& work,
                                                     const Arguments& arguments, Session& session) {
  const bool is_own = !work.settings.folder;
  if (!is_own || arguments.has("--no-backup") || !work.settings.is_on("backup")) return {};
  return upgrade_copies(static_cast<int>(work.settings.number("backup_count")), session.terminal,
                        {});
}

}  // namespace

int with_migrations(const Arguments& arguments, Session& session, RevisionsOf whose,
                    const std::function<int(const MigrateWork&, const store::Migrations&)>& body) {
  const auto work = prepare(arguments, session);
  if (!work) {
    return report_setup(work.error(), session);
  }
  if (whose == RevisionsOf::kFolder && !work->settings.folder) {
    return report_usage(
        "katip's own revisions are part of the program and cannot be changed here: name a folder "
        "with --dir DIR or -c FILE (`katip migrate init DIR` makes one)",
        session);
  }
  const auto migrations = read_migrations(*work);
  return migrations ? body(*work, *migrations) : report_failure(migrations.error(), session);
}

int with_database(const MigrateWork& work, Session& session,
                  const std::function<int(const MigrateDatabase&)>& body) {
  const auto url = database_url(work);
  if (!url) {
    return report_setup(url.error(), session);
  }
  const auto database = connect(work, session);
  return database ? body(*database) : report_failure(database.error(), session);
}

Result<store::Migrations> read_migrations(const MigrateWork& work) {
  return work.settings.folder ? store::Migrations::of_folder(*work.settings.folder)
                              : store::Migrations::of_katip();
}

Result<store::DatabaseUrl> database_url(const MigrateWork& work) {
  if (work.settings.url) {
    return store::DatabaseUrl::parse(*work.settings.url);
  }
  if (work.settings.folder) {
    return fail(ErrorCode::kInvalidArgument,
                "which database? Give --url URL or set DATABASE_URL, for example "
                "sqlite:///app.db or postgresql://user@host/name");
  }
  return store::DatabaseUrl::parse(default_database_url(work.data_dir));
}

Result<MigrateDatabase> connect(const MigrateWork& work, Session& session) {
  MigrateDatabase database;
  database.url = KATIP_TRY(database_url(work));
  if (!work.settings.url) {
    std::error_code ignored;  // What cannot be made cannot be opened either, which says why.
    std::filesystem::create_directories(work.data_dir, ignored);
  }
  if (work.settings.text("log_level") == "debug") {
    database.observer = std::make_unique<StatementLog>(session.terminal);
  }
  store::DatabaseWait wait;
  wait.time_max = duration_of(work.settings, "wait");
  wait.stop = session.signals.token();
  wait.on_wait = [&](const std::string& reason) {
    session.terminal.say(Level::kInfo, "waiting for the database: " + reason);
  };
  database.connection = KATIP_TRY(store::open_when_ready(
      database.url, connection_options(work.settings, database.observer.get()), wait));
  database.connection->set_stop(session.signals.token());
  return database;
}

Result<store::Rehearsal> rehearse(const MigrateWork& work, const MigrateDatabase& live,
                                  Session& session) {
  store::RehearsalOptions options;
  options.version_table = work.settings.text("version_table");
  options.scratch_dir = std::filesystem::temp_directory_path();
  options.postgres_programs = work.postgres_programs;
  options.lock_timeout = duration_of(work.settings, "lock_timeout");
  options.connection = connection_options(work.settings, live.observer.get());
  options.stop = session.signals.token();
  auto rehearsal = KATIP_TRY(store::Rehearsal::create(*live.connection, live.url, options));
  if (!rehearsal.has_rows()) {
    session.terminal.say(Level::kWarning,
                         "the database is large, so the dry run has its tables without their rows: "
                         "what depends on rows (new constraints, conversions, how long it takes, "
                         "whom it keeps waiting) is not tried");
  }
  return rehearsal;
}

store::MigratorOptions migrator_options(const MigrateWork& work, const Arguments& arguments,
                                        Session& session) {
  return {.version_table = work.settings.text("version_table"),
          .lock_timeout = duration_of(work.settings, "lock_timeout"),
          .allows_data_loss = work.settings.is_on("allow_destructive"),
          .backup = copies_of(work, arguments, session),
          .applied_by = user_at_host(),
          .app_version = KATIP_VERSION,
          .on_step =
              [&session](std::string_view step) {
                session.terminal.say(Level::kInfo, fmt::format("Running {}", step));
              },
          .stop = session.signals.token()};
}

Result<DatabaseRevisions> database_revisions(const MigrateWork& work, Session& session) {
  const MigrateDatabase database = KATIP_TRY(connect(work, session));
  const store::Migrations none = KATIP_TRY(store::Migrations::of_katip());
  store::Migrator migrator(*database.connection, none, migrator_options(work, {}, session));
  DatabaseRevisions found;
  found.rows = KATIP_TRY(migrator.applied());
  found.log = KATIP_TRY(migrator.log());
  return found;
}

Result<std::vector<std::string>> applied_revisions(const MigrateWork& work, Session& session) {
  DatabaseRevisions found = KATIP_TRY(database_revisions(work, session));
  return std::move(found.rows);
}

int report_failure(const Error& error, Session& session) {
  static_cast<void>(report(error, session));
  return error.code == ErrorCode::kCancelled ? kExitCancelled : kExitFailure;
}

int report_usage(const std::string& message, Session& session) {
  return report({ErrorCode::kInvalidArgument, message}, session);
}

int report_setup(const Error& error, Session& session) {
  return error.code == ErrorCode::kInvalidArgument ? report(error, session)
                                                   : report_failure(error, session);
}

}  // namespace katip::cli
