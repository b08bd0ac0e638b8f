#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/migrate/comparison.h"
#include "cli/migrate/handlers.h"
#include "cli/migrate/lint_report.h"
#include "cli/migrate/work.h"

// Tested by tests/e2e/test_migrate.py.
namespace katip::cli::migrate_handlers {
namespace {

namespace json = boost::json;

json::object json_of(const store::LintFinding& finding) {
  return {{"path", finding.path.string()}, {"line", finding.line},
          {"revision", finding.revision},  {"rule", finding.rule},
          {"message", finding.message},    {"loses_data", finding.loses_data}};
}

std::optional<store::Dialect> dialect_of(const Arguments& arguments) {
  for (const store::Dialect dialect : {store::Dialect::kSqlite, store::Dialect::kPostgres}) {
    if (arguments.value("--dialect") == store::name(dialect)) {
      return dialect;
    }
  }
  return std::nullopt;
}

int check_schema(const MigrateWork& work, const store::Migrations& migrations,
                 const Arguments& arguments, Session& session) {
  const auto comparison = compare_with_database(work, migrations, session);
  if (!comparison) {
    return report_failure(comparison.error(), session);
  }
  const auto findings = lint_findings(migrations, {}, comparison->dialect);
  if (!findings) {
    return report_failure(findings.error(), session);
  }
  warn_about(*findings, session);
  const auto& changes = comparison->difference.changes;
  if (arguments.has("--json")) {
    json::array entries;
    for (const store::SchemaChange& change : changes) {
      entries.push_back(
          json::object{{"kind", change.kind}, {"object", change.object}, {"text", change.text}});
    }
    session.terminal.write(json::serialize(entries) + "\n");
  } else {
    for (const store::SchemaChange& change : changes) {
      session.terminal.write(fmt::format("{} {}\n", change.kind, change.object));
    }
  }
  if (changes.empty()) {
    if (!arguments.has("--json")) {
      session.terminal.write("No new upgrade operations detected.\n");
    }
    return kExitSuccess;
  }
  return report_failure({ErrorCode::kConflict,
                         fmt::format("New upgrade operations detected: {}. `katip migrate revision "
                                     "--autogenerate` writes them into a new revision",
                                     changes.size())},
                        session);
}

int verify_files(const MigrateWork& work, const store::Migrations& migrations,
                 const MigrateDatabase& database, const Arguments& arguments, Session& session) {
  store::Migrator migrator(*database.connection, migrations,
                           migrator_options(work, arguments, session));
  const auto differences = migrator.verify();
  if (!differences) {
    return report_failure(differences.error(), session);
  }
  if (arguments.has("--json")) {
    session.terminal.write(json::serialize(json::array(differences->begin(), differences->end())) +
                           "\n");
  } else {
    for (const std::string& difference : *differences) {
      session.terminal.write(difference + "\n");
    }
  }
  if (differences->empty()) {
    session.terminal.say(Level::kInfo, "every applied revision is as it was when it was applied");
    return kExitSuccess;
  }
  return kExitFailure;
}

int lint_files(const store::Migrations& migrations, const Arguments& arguments, Session& session) {
  const auto findings = lint_findings(migrations, arguments.positionals, dialect_of(arguments));
  if (!findings) {
    return report_failure(findings.error(), session);
  }
  json::array entries;
  for (const store::LintFinding& finding : *findings) {
    entries.push_back(json_of(finding));
    if (!arguments.has("--json")) {
      session.terminal.write(text_of(finding) + "\n");
    }
  }
  if (arguments.has("--json")) {
    session.terminal.write(json::serialize(entries) + "\n");
  }
  if (findings->empty()) {
    session.terminal.say(Level::kInfo, "nothing dangerous was found");
  }
  return findings->empty() ? kExitSuccess : kExitFailure;
}

}  // namespace

int check(const Arguments& arguments, Session& session) {
  return with_migrations(arguments, session, RevisionsOf::kAnybody,
                         [&](const MigrateWork& work, const store::Migrations& migrations) {
                           return check_schema(work, migrations, arguments, session);
                         });
}

int verify(const Arguments& arguments, Session& session) {
  return with_migrations(
      arguments, session, RevisionsOf::kAnybody,
      [&](const MigrateWork& work, const store::Migrations& migrations) {
        return with_database(work, session, [&](const MigrateDatabase& database) {
          return verify_files(work, migrations, database, arguments, session);
        });
      });
}

int lint(const Arguments& arguments, Session& session) {
  return with_migrations(arguments, session, RevisionsOf::kAnybody,
                         [&](const MigrateWork&, const store::Migrations& migrations) {
                           return lint_files(migrations, arguments, session);
                         });
}

}  // namespace katip::cli::migrate_handlers
