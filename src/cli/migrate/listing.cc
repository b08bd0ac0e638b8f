#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/migrate/handlers.h"
#include "cli/migrate/work.h"

// Tested by tests/e2e/test_migrate.py.
namespace katip::cli::migrate_handlers {
namespace {

namespace json = boost::json;

json::array texts_of(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object json_of(const store::RevisionInfo& revision) {
  return {{"revision", revision.id},
          {"revises", texts_of(revision.revises)},
          {"depends_on", texts_of(revision.depends_on)},
          {"branch_labels", texts_of(revision.labels)},
          {"message", revision.message},
          {"created", revision.created},
          {"path", revision.path.string()},
          {"is_head", revision.is_head},
          {"is_branch_point", revision.is_branch_point},
          {"is_merge_point", revision.is_merge_point},
          {"is_current", revision.is_current}};
}

int print(const Result<store::Listing>& listing, const Arguments& arguments, Session& session) {
  if (!listing) {
    return report_setup(listing.error(), session);
  }
  if (!arguments.has("--json")) {
    session.terminal.write(listing->text);
    return kExitSuccess;
  }
  json::array entries;
  for (const store::RevisionInfo& revision : listing->revisions) {
    entries.push_back(json_of(revision));
  }
  session.terminal.write(json::serialize(entries) + "\n");
  return kExitSuccess;
}

store::ListingOptions options_of(const Arguments& arguments) {
  return {.range = arguments.value("--rev-range"),
          .is_verbose = arguments.has("--verbose"),
          .marks_current = arguments.has("--indicate-current")};
}

/// The rows when they are asked for, else none: most listings need no database.
Result<std::vector<std::string>> rows_if(bool is_needed, const MigrateWork& work,
                                         Session& session) {
  if (!is_needed) {
    return std::vector<std::string>();
  }
  return applied_revisions(work, session);
}

int print_history(const MigrateWork& work, const store::Migrations& migrations,
                  const Arguments& arguments, Session& session) {
  const std::string range = arguments.value("--rev-range");
  if (arguments.has("--rev-range") && range.find(':') == std::string::npos) {
    return report_usage("History range requires [start]:[end], [start]:, or :[end]", session);
  }
  const bool counts_from_database = range.starts_with('-') || range.starts_with('+') ||
                                    range.contains(":-") || range.contains(":+");
  const auto rows = rows_if(
      arguments.has("--indicate-current") || range.contains("current") || counts_from_database,
      work, session);
  if (!rows) {
    return report_failure(rows.error(), session);
  }
  return print(migrations.history(*rows, options_of(arguments)), arguments, session);
}

int print_current(const MigrateWork& work, const store::Migrations& migrations,
                  const Arguments& arguments, Session& session) {
  const auto rows = applied_revisions(work, session);
  if (!rows) {
    return report_failure(rows.error(), session);
  }
  const auto listing = migrations.current(*rows, options_of(arguments));
  if (!listing) {
    return report_failure(listing.error(), session);
  }
  if (arguments.has("--check-heads") && !migrations.is_at_heads(*rows)) {
    return report_failure({ErrorCode::kConflict, "Database is not on all head revisions"}, session);
  }
  if (arguments.has("--verbose") && !arguments.has("--json")) {
    const auto url = database_url(work);
    session.terminal.write(fmt::format("Current revision(s) for {}:\n", url->masked()));
  }
  return print(listing, arguments, session);
}

}  // namespace

int history(const Arguments& arguments, Session& session) {
  return with_migrations(arguments, session, RevisionsOf::kAnybody,
                         [&](const MigrateWork& work, const store::Migrations& migrations) {
                           return print_history(work, migrations, arguments, session);
                         });
}

int heads(const Arguments& arguments, Session& session) {
  return with_migrations(arguments, session, RevisionsOf::kAnybody,
                         [&](const MigrateWork&, const store::Migrations& migrations) {
                           return print(migrations.heads(options_of(arguments),
                                                         arguments.has("--resolve-dependencies")),
                                        arguments, session);
                         });
}

int branches(const Arguments& arguments, Session& session) {
  return with_migrations(arguments, session, RevisionsOf::kAnybody,
                         [&](const MigrateWork&, const store::Migrations& migrations) {
                           return print(migrations.branches(options_of(arguments)), arguments,
                                        session);
                         });
}

int show(const Arguments& arguments, Session& session) {
  const std::string target = arguments.positionals.empty() ? "head" : arguments.positionals.front();
  return with_migrations(arguments, session, RevisionsOf::kAnybody,
                         [&](const MigrateWork& work, const store::Migrations& migrations) {
                           const auto rows = rows_if(target == "current", work, session);
                           return rows ? print(migrations.show(*rows, target), arguments, session)
                                       : report_failure(rows.error(), session);
                         });
}

int current(const Arguments& arguments, Session& session) {
  return with_migrations(arguments, session, RevisionsOf::kAnybody,
                         [&](const MigrateWork& work, const store::Migrations& migrations) {
                           return print_current(work, migrations, arguments, session);
                         });
}

}  // namespace katip::cli::migrate_handlers
