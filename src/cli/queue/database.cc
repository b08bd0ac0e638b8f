#include "cli/queue/database.h"

#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "app/database_use.h"
#include "base/atomic_file.h"
#include "base/guarded.h"
#include "cli/accounts/operating_system_user.h"
#include "cli/config/auto_migrate.h"
#include "cli/config/database_choice.h"
#include "cli/migrate/upgrade_copies.h"
#include "store/schema.h"
#include "store/wait_for_database.h"

/// Tested by tests/e2e/test_worker.py.
namespace katip::cli {
namespace {

/// This process works on the database until it ends: no restore may begin meanwhile, and one that
/// was killed is settled now.
Status join_users(const store::DatabaseUrl& url, const Settings& settings, Session& session) {
  static Guarded<std::optional<FileLock>> held;
  return held.with_lock([&](std::optional<FileLock>& lock) -> Status {
    if (lock) return {};
    lock = KATIP_TRY(app::use_database({.url = url, .data_dir = settings.data_dir()}, session.clock,
                                       session.signals.token()));
    return {};
  });
}

Status upgrade_schema(store::Connection& connection, const Settings& settings, Session& session,
                      std::chrono::milliseconds wait, const Logger& log) {
  store::SchemaUpgradeOptions upgrade;
  upgrade.lock_timeout = wait;
  upgrade.applied_by = user_at_host();
  upgrade.app_version = KATIP_VERSION;
  upgrade.stop = session.signals.token();
  upgrade.on_step = [&](std::string_view step) {
    session.terminal.say(Level::kInfo, fmt::format("schema: {}", step));
    log.info("the schema changes", {{"step", std::string(step)}});
  };
  if (settings.is_on("migrate.backup")) {
    upgrade.backup =
        upgrade_copies(settings.integer("migrate.backup_count"), session.terminal, log);
  }
  KATIP_TRY(store::upgrade_to_head(connection, upgrade));
  return {};
}

}  // namespace

Result<store::DatabaseUrl> records_url(const Settings& settings, const Session& session) {
  const auto named = database_of_environment(session.environment);
  if (!named) return store::DatabaseUrl::parse(default_database_url(settings.data_dir()));
  auto parsed = store::DatabaseUrl::parse(named->url);
  return parsed ? std::move(parsed) : fail(named->variable, std::move(parsed).error());
}

Result<std::unique_ptr<store::Pool>> open_records(const Settings& settings, Session& session,
                                                  const OpenRecords& options) {
  const AutoMigrate migration = KATIP_TRY(auto_migrate_of(session.environment));
  const store::DatabaseUrl url = KATIP_TRY(records_url(settings, session));
  const bool is_sqlite = url.dialect() == store::Dialect::kSqlite;
  if (is_sqlite) KATIP_TRY(make_folder(settings.data_dir()));
  KATIP_TRY(join_users(url, settings, session));
  const auto connection = KATIP_TRY(store::open_when_ready(
      url, {},
      {.time_max = migration.wait,
       .on_wait =
           [&](const std::string& reason) {
             session.terminal.say(Level::kWarning, "waiting for the database: " + reason);
           },
       .stop = session.signals.token()}));
  if (migration.is_wanted.value_or(is_sqlite)) {
    KATIP_TRY(upgrade_schema(*connection, settings, session, migration.wait, options.log));
  }
  const store::SchemaStatus status = KATIP_TRY(store::schema_status(*connection));
  if (const std::string advice = store::schema_advice(status); !advice.empty()) {
    return fail(ErrorCode::kConflict, advice);
  }
  return store::Pool::create(url, {.observer = options.statements},
                             {.connection_count_max = options.connection_count_max});
}

Result<std::unique_ptr<store::Pool>> open_records_if_any(const Settings& settings,
                                                         Session& session) {
  const store::DatabaseUrl url = KATIP_TRY(records_url(settings, session));
  std::error_code error;
  if (url.dialect() == store::Dialect::kSqlite && !std::filesystem::exists(url.path(), error)) {
    return nullptr;
  }
  KATIP_TRY(join_users(url, settings, session));
  const auto connection = KATIP_TRY(store::Connection::open(url, {}));
  const store::SchemaStatus status = KATIP_TRY(store::schema_status(*connection));
  if (status.state == store::SchemaState::kEmpty) return nullptr;
  if (const std::string advice = store::schema_advice(status); !advice.empty()) {
    return fail(ErrorCode::kConflict, advice);
  }
  return store::Pool::create(url, {}, {.connection_count_max = 1});
}

}  // namespace katip::cli
