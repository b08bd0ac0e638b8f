#include <chrono>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/exit_code.h"
#include "cli/migrate/handlers.h"
#include "cli/migrate/work.h"

// Tested by tests/e2e/test_migrate.py.
namespace katip::cli::migrate_handlers {
namespace {

namespace json = boost::json;

/// Revisions, and what is to be done with them on a connection or in a script.
struct Job {
  std::function<Result<store::MigrationReport>(store::Migrator&)> online;
  std::function<Result<std::string>(const store::Migrations&, const store::ScriptRequest&)> offline;
};

/// What is said of a run besides what it did.
struct Circumstances {
  std::chrono::milliseconds duration{0};
  std::string backup = {};  ///< Where the copy of before is; empty: none was made.
  bool has_rows = true;     ///< Of a dry run: whether its copy has them.
};

void print_report(const store::MigrationReport& report, const Arguments& arguments,
                  const Circumstances& run, Session& session) {
  const bool is_dry = arguments.has("--dry-run");
  if (is_dry) {
    session.terminal.say(
        Level::kInfo,
        fmt::format("dry run: {} steps ran in {} ms on a copy; the database is as it was",
                    report.steps.size(), run.duration.count()));
  }
  if (arguments.has("--json")) {
    session.terminal.write(
        json::serialize(json::object{
            {"steps", json::array(report.steps.begin(), report.steps.end())},
            {"revisions", json::array(report.rows.begin(), report.rows.end())},
            {"duration_ms", run.duration.count()},
            {"dry_run", is_dry},
            {"with_rows", run.has_rows},
            {"backup", run.backup.empty() ? json::value() : json::value(run.backup)}}) +
        "\n");
  }
}

int run_offline(const MigrateWork& work, const store::Migrations& migrations, const Job& job,
                const Arguments& arguments, Session& session) {
  const auto url = database_url(work);
  if (!url) {
    return report_setup(url.error(), session);
  }
  const auto script = job.offline(migrations, {.dialect = url->dialect(),
                                               .version_table = work.settings.text("version_table"),
                                               .tag = arguments.value("--tag")});
  if (!script) {
    return report_failure(script.error(), session);
  }
  session.terminal.write(*script);
  return kExitSuccess;
}

/// On the database itself, or on a copy.
Result<store::MigrationReport> run_on(store::Connection& connection, const MigrateWork& work,
                                      const store::Migrations& migrations, const Job& job,
                                      const Arguments& arguments, Circumstances& run,
                                      Session& session) {
  store::MigratorOptions options = migrator_options(work, arguments, session);
  if (arguments.has("--dry-run")) {
    options.allows_data_loss = true;  // Of a copy.
    options.backup.reset();
  }
  if (options.backup) {
    options.backup->on_made = [&run, told = options.backup->on_made](const auto& backup) {
      told(backup);
      run.backup = backup.path.string();
    };
  }
  store::Migrator migrator(connection, migrations, std::move(options));
  const auto begin = session.clock.now();
  auto report = job.online(migrator);
  run.duration = std::chrono::duration_cast<std::chrono::milliseconds>(session.clock.now() - begin);
  return report;
}

Result<store::MigrationReport> run_dry(const MigrateDatabase& live, const MigrateWork& work,
                                       const store::Migrations& migrations, const Job& job,
                                       const Arguments& arguments, Circumstances& run,
                                       Session& session) {
  store::Rehearsal rehearsal = KATIP_TRY(rehearse(work, live, session));
  run.has_rows = rehearsal.has_rows();
  return run_on(rehearsal.connection(), work, migrations, job, arguments, run, session);
}

int run_online(const MigrateWork& work, const store::Migrations& migrations, const Job& job,
               const Arguments& arguments, Session& session) {
  return with_database(work, session, [&](const MigrateDatabase& database) {
    if (arguments.has("--tag")) {
      session.terminal.say(Level::kInfo, "tag: " + arguments.value("--tag"));
    }
    Circumstances run;
    const auto report =
        arguments.has("--dry-run")
            ? run_dry(database, work, migrations, job, arguments, run, session)
            : run_on(*database.connection, work, migrations, job, arguments, run, session);
    if (!report) {
      return report_failure(report.error(), session);
    }
    print_report(*report, arguments, run, session);
    return kExitSuccess;
  });
}

int run(const Job& job, const Arguments& arguments, Session& session) {
  return with_migrations(arguments, session, RevisionsOf::kAnybody,
                         [&](const MigrateWork& work, const store::Migrations& migrations) {
                           return arguments.has("--sql")
                                      ? run_offline(work, migrations, job, arguments, session)
                                      : run_online(work, migrations, job, arguments, session);
                         });
}

bool is_range(const std::string& target) { return target.find(':') != std::string::npos; }

}  // namespace

int upgrade(const Arguments& arguments, Session& session) {
  const std::string target =
      arguments.positionals.empty() ? "heads" : arguments.positionals.front();
  if (is_range(target) && !arguments.has("--sql")) {
    return report_usage("Range revision not allowed", session);
  }
  return run(
      {.online = [&](store::Migrator& migrator) { return migrator.upgrade(target); },
       .offline = [&](const auto& migrations,
                      const auto& request) { return migrations.upgrade_script(target, request); }},
      arguments, session);
}

int downgrade(const Arguments& arguments, Session& session) {
  const std::string& target = arguments.positionals.front();
  if (is_range(target) && !arguments.has("--sql")) {
    return report_usage("Range revision not allowed", session);
  }
  if (!is_range(target) && arguments.has("--sql")) {
    return report_usage("downgrade with --sql requires <fromrev>:<torev>", session);
  }
  return run({.online = [&](store::Migrator& migrator) { return migrator.downgrade(target); },
              .offline =
                  [&](const auto& migrations, const auto& request) {
                    return migrations.downgrade_script(target, request);
                  }},
             arguments, session);
}

int stamp(const Arguments& arguments, Session& session) {
  const std::vector<std::string>& targets = arguments.positionals;
  if (arguments.has("--sql") && arguments.has("--purge")) {
    return report_usage("--purge looks at the database, which --sql does not", session);
  }
  return run(
      {.online =
           [&](store::Migrator& migrator) {
             return arguments.has("--purge") ? migrator.stamp_purged(targets)
                                             : migrator.stamp(targets);
           },
       .offline = [&](const auto& migrations,
                      const auto& request) { return migrations.stamp_script(targets, request); }},
      arguments, session);
}

int ensure_version(const Arguments& arguments, Session& session) {
  return run({.online = [](store::Migrator& migrator) -> Result<store::MigrationReport> {
                KATIP_TRY(migrator.ensure_version_table());
                return store::MigrationReport{.steps = {}, .rows = KATIP_TRY(migrator.applied())};
              },
              .offline = [](const auto& migrations, const auto& request) -> Result<std::string> {
                return migrations.version_table_script(request);
              }},
             arguments, session);
}

}  // namespace katip::cli::migrate_handlers
