#include <cstdlib>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include "base/atomic_file.h"
#include "cli/exit_code.h"
#include "cli/migrate/comparison.h"
#include "cli/migrate/handlers.h"
#include "cli/migrate/lint_report.h"
#include "cli/migrate/work.h"

extern char** environ;

// Tested by tests/e2e/test_migrate.py.
namespace katip::cli::migrate_handlers {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::string_view kIni =
    R"(# katip migrate. docs/migrations.md explains each setting; an alembic.ini is understood too.

[migrate]
# Relative paths begin at the folder of this file.
script_location = {}

# The variable DATABASE_URL, or this file when it is not set. Passwords do not belong in here.
url = ${{DATABASE_URL:-sqlite:///app.db}}

# version_table = alembic_version
# version_locations = versions:more/versions
# file_template = %%(rev)s_%%(slug)s
# timezone = UTC
# lock_timeout = 60
# log_level = info
)";

int print_path(const Result<fs::path>& path, const Arguments& arguments, Session& session) {
  if (!path) {
    return report_failure(path.error(), session);
  }
  if (arguments.has("--json")) {
    session.terminal.write(json::serialize(json::object{{"path", path->string()}}) + "\n");
  } else {
    session.terminal.write(fmt::format("Generating {} ...  done\n", path->string()));
  }
  return kExitSuccess;
}

store::RevisionRequest request_of(const Arguments& arguments) {
  store::RevisionRequest request{.message = arguments.value("--message"),
                                 .is_splice = arguments.has("--splice"),
                                 .branch_labels = arguments.values("--branch-label"),
                                 .depends_on = arguments.values("--depends-on"),
                                 .id = arguments.value("--rev-id")};
  if (arguments.has("--head")) {
    request.heads = {arguments.value("--head")};
  }
  if (arguments.has("--version-path")) {
    request.version_folder = arguments.value("--version-path");
  }
  return request;
}

/// Makes the file, says where it is, and what lint thinks of it.
int make_file(const MigrateWork& work, const store::Migrations& migrations,
              const store::RevisionRequest& request, const Arguments& arguments, Session& session) {
  const auto path = migrations.make_revision(request, session.clock, system_rng());
  const int code = print_path(path, arguments, session);
  if (path) {
    warn_about_new_file(work, *path, request.dialect, session);
  }
  return code;
}

int autogenerate(const MigrateWork& work, const store::Migrations& migrations,
                 const Arguments& arguments, Session& session) {
  const auto comparison = compare_with_database(work, migrations, session);
  if (!comparison) {
    return report_setup(comparison.error(), session);
  }
  store::RevisionRequest request = request_of(arguments);
  request.dialect = comparison->dialect;
  request.upgrade_sql = comparison->difference.upgrade_sql;
  request.downgrade_sql = comparison->difference.downgrade_sql;
  return make_file(work, migrations, request, arguments, session);
}

/// Runs $VISUAL or $EDITOR on a file, on this terminal; vi when there is none.
int open_editor(const fs::path& path, Session& session) {
  const std::string editor =
      session.environment.get("VISUAL").value_or(session.environment.get("EDITOR").value_or("vi"));
  std::string script = "exec " + editor + " \"$1\"";  // It may have arguments of its own.
  std::string file = path.string();
  std::string shell = "/bin/sh";
  std::string option = "-c";
  char* const words[] = {shell.data(), option.data(), script.data(),
                         shell.data(), file.data(),   nullptr};
  pid_t child = 0;
  if (::posix_spawn(&child, "/bin/sh", nullptr, nullptr, words, environ) != 0) {
    return report_failure({ErrorCode::kInternal, "cannot start /bin/sh"}, session);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return kExitSuccess;
  }
  return report_failure({ErrorCode::kInternal, "the editor `" + editor + "` ended with an error"},
                        session);
}

int edit_files(const MigrateWork& work, const store::Migrations& migrations,
               const Arguments& arguments, Session& session) {
  const std::string target = arguments.positionals.empty() ? "head" : arguments.positionals.front();
  std::vector<std::string> rows;
  if (target == "current") {
    const auto applied = applied_revisions(work, session);
    if (!applied) {
      return report_failure(applied.error(), session);
    }
    rows = *applied;
  }
  const auto listing = migrations.show(rows, target);
  if (!listing) {
    return report_failure(listing.error(), session);
  }
  for (const store::RevisionInfo& found : listing->revisions) {
    if (const int failed = open_editor(found.path, session); failed != kExitSuccess) {
      return failed;
    }
  }
  return kExitSuccess;
}

}  // namespace

int init(const Arguments& arguments, Session& session) {
  const fs::path folder = arguments.positionals.front();
  const fs::path ini = arguments.value("--ini", kMigrateIniName);
  std::error_code error;
  if (fs::exists(ini, error)) {
    return report_failure(
        {ErrorCode::kConflict,
         fmt::format("{} exists already: name another file with -c FILE", ini.string())},
        session);
  }
  const auto made = store::make_migration_folder(folder);
  if (!made) {
    return report_failure(made.error(), session);
  }
  for (const fs::path& path : *made) {
    const bool is_folder = fs::is_directory(path, error);
    session.terminal.write(fmt::format(
        "{} {} ...  done\n", is_folder ? "Creating directory" : "Generating", path.string()));
  }
  const fs::path base = fs::absolute(ini).parent_path();
  const fs::path location = fs::absolute(folder).lexically_normal().lexically_relative(base);
  const Status written = write_file_atomically(
      ini, fmt::format(kIni, location.empty() ? folder.string() : location.string()));
  if (!written) {
    return report_failure(written.error(), session);
  }
  session.terminal.write(fmt::format("Generating {} ...  done\n", ini.string()));
  session.terminal.say(Level::kInfo,
                       fmt::format("Please edit the database and other settings in {} before "
                                   "proceeding.",
                                   ini.string()));
  return kExitSuccess;
}

int revision(const Arguments& arguments, Session& session) {
  const bool compares = arguments.has("--autogenerate");
  if (arguments.has("--sql")) {
    return report_usage(compares ? "Using --sql with --autogenerate does not make any sense"
                                 : "Using --sql with the revision command does not make any sense: "
                                   "a new file is not run",
                        session);
  }
  return with_migrations(arguments, session, RevisionsOf::kFolder,
                         [&](const MigrateWork& work, const store::Migrations& migrations) {
                           return compares ? autogenerate(work, migrations, arguments, session)
                                           : make_file(work, migrations, request_of(arguments),
                                                       arguments, session);
                         });
}

int merge(const Arguments& arguments, Session& session) {
  store::RevisionRequest request = request_of(arguments);
  request.heads = arguments.positionals;
  if (request.message.empty()) {
    request.message = "merge";
    for (const std::string& head : request.heads) {
      request.message += (&head == &request.heads.front() ? " " : " and ") + head;
    }
  }
  return with_migrations(arguments, session, RevisionsOf::kFolder,
                         [&](const MigrateWork& work, const store::Migrations& migrations) {
                           return make_file(work, migrations, request, arguments, session);
                         });
}

int edit(const Arguments& arguments, Session& session) {
  return with_migrations(arguments, session, RevisionsOf::kFolder,
                         [&](const MigrateWork& work, const store::Migrations& migrations) {
                           return edit_files(work, migrations, arguments, session);
                         });
}

}  // namespace katip::cli::migrate_handlers
