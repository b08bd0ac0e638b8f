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

using AppliedLog = std::map<std::string, store::AppliedRevision>;

json::value json_of(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::object json_of(const store::AppliedRevision& applied) {
  return {{"at", applied.applied_at},
          {"duration_ms", applied.duration_ms},
          {"by", json_of(applied.applied_by)},
          {"version", json_of(applied.app_version)}};
}

/// Below the revisions, which stand as Alembic writes them: what the log has of those listed.
std::string log_text(const store::Listing& listing, const AppliedLog& log) {
  std::string text;
  for (const store::RevisionInfo& revision : listing.revisions) {
    const auto found = log.find(revision.id);
    if (found == log.end()) continue;
    const store::AppliedRevision& applied = found->second;
    text += fmt::format("{} was applied at {} in {} ms by {} with katip {}\n", revision.id,
                        printable(applied.applied_at), applied.duration_ms,
                        printable(applied.applied_by.value_or("somebody")),
                        printable(applied.app_version.value_or("of an unknown version")));
  }
  return text;
}

int print(const Result<store::Listing>& listing, const Arguments& arguments, Session& session,
          const AppliedLog& log = {}) {
  if (!listing) {
    return report_setup(listing.error(), session);
  }
  if (!arguments.has("--json")) {
    session.terminal.write(listing->text + log_text(*listing, log));
    return kExitSuccess;
  }
  json::array entries;
  for (const store::RevisionInfo& revision : listing->revisions) {
    json::object entry = json_of(revision);
    if (const auto found = log.find(revision.id); found != log.end()) {
      entry["applied"] = json_of(found->second);
    }
    entries.push_back(std::move(entry));
  }
  session.terminal.write(json::serialize(entries) + "\n");
  return kExitSuccess;
}

store::ListingOptions options_of(const Arguments& arguments) {
  return {.range = arguments.value("--rev-range"),
          .is_verbose = arguments.has("--verbose"),
          .marks_current = arguments.has("--indicate-current")};
}

/// What the database has when it is asked for, else nothing: most listings need no database.
Result<DatabaseRevisions> found_if(bool is_needed, const MigrateWork& work, Session& session) {
  if (!is_needed) {
    return DatabaseRevisions();
  }
  return database_revisions(work, session);
}

int print_history(const MigrateWork& work, const store::Migrations& migrations,
                  const Arguments& arguments, Session& session) {
  const std::string range = arguments.value("--rev-range");
  if (arguments.has("--rev-range") && range.find(':') == std::string::npos) {
    return report_usage("History range requires [start]:[end], [start]:, or :[end]", session);
  }
  const bool counts_from_database = range.starts_with('-') || range.starts_with('+') ||
                                    range.contains(":-") || range.contains(":+");
  const auto found = found_if(
      arguments.has("--indicate-current") || range.contains("current") || counts_from_database,
      work, session);
  if (!found) {
    return report_failure(found.error(), session);
  }
  return print(migrations.history(found->rows, options_of(arguments)), arguments, session,
               arguments.has("--verbose") ? found->log : AppliedLog());
}

int print_current(const MigrateWork& work, const store::Migrations& migrations,
                  const Arguments& arguments, Session& session) {
  const auto found = database_revisions(work, session);
  if (!found) {
    return report_failure(found.error(), session);
  }
  const auto listing = migrations.current(found->rows, options_of(arguments));
  if (!listing) {
    return report_failure(listing.error(), session);
  }
  if (arguments.has("--check-heads") && !migrations.is_at_heads(found->rows)) {
    return report_failure({ErrorCode::kConflict, "Database is not on all head revisions"}, session);
  }
  if (arguments.has("--verbose") && !arguments.has("--json")) {
    const auto url = database_url(work);
    session.terminal.write(fmt::format("Current revision(s) for {}:\n", url->masked()));
  }
  return print(listing, arguments, session, arguments.has("--verbose") ? found->log : AppliedLog());
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
                           const auto found = found_if(target == "current", work, session);
                           return found ? print(migrations.show(found->rows, target), arguments,
                                                session)
                                        : report_failure(found.error(), session);
                         });
}

int current(const Arguments& arguments, Session& session) {
  return with_migrations(arguments, session, RevisionsOf::kAnybody,
                         [&](const MigrateWork& work, const store::Migrations& migrations) {
                           return print_current(work, migrations, arguments, session);
                         });
}

}  // namespace katip::cli::migrate_handlers
