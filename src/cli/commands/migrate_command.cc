#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/migrate/handlers.h"

// How the commands look. What they do is in cli/migrate/.
namespace katip::cli {
namespace {

using namespace migrate_handlers;

const Flag kVerbose{.name = "--verbose", .short_name = "-v", .help = "everything about each one"};
const Flag kJson{.name = "--json", .help = "the result as JSON"};
const Flag kSql{.name = "--sql",
                .help = "write an SQL script instead of connecting to the database"};
const Flag kTag{.name = "--tag",
                .value_name = "TEXT",
                .help = "a note: a comment on the first line of the script, or a message"};
const Flag kDryRun{.name = "--dry-run",
                   .help = "try it on a copy of the database, which goes away again"};
const Flag kNoBackup{.name = "--no-backup",
                     .help = "katip's own SQLite database is not copied before it changes"};
const Flag kMessage{
    .name = "--message", .short_name = "-m", .value_name = "TEXT", .help = "what changes"};
const Flag kBranchLabel{.name = "--branch-label",
                        .value_name = "NAME",
                        .help = "name of the branch that begins here",
                        .is_repeatable = true};
const Flag kRevisionId{
    .name = "--rev-id", .value_name = "ID", .help = "id of the new revision; else by chance"};
const Flag kSplice{.name = "--splice", .help = "allow a new branch from what is no head"};

/// Which revisions: katip's own, or those of a folder.
std::vector<Flag> with_folder(std::vector<Flag> flags, bool has_short_name = true) {
  flags.push_back({.name = "--ini",
                   .short_name = has_short_name ? "-c" : "",
                   .value_name = "FILE",
                   .help = "settings in the form of alembic.ini, or a katip.toml; migrate.ini in "
                           "the working folder is read by itself",
                   .completes = Completes::kFile});
  flags.push_back({.name = "--name",
                   .short_name = "-n",
                   .value_name = "SECTION",
                   .help = "section of that file; else migrate or alembic"});
  flags.push_back({.name = "--set",
                   .short_name = "-x",
                   .value_name = "KEY=VALUE",
                   .help = "value for %(KEY)s in that file and ${KEY} in its url",
                   .is_repeatable = true});
  flags.push_back(flag_of("migrate.dir"));
  flags.push_back(flag_of("migrate.log_level"));
  return flags;
}

/// The database too.
std::vector<Flag> with_database(std::vector<Flag> flags, bool has_short_name = true) {
  flags = with_folder(std::move(flags), has_short_name);
  for (const char* key :
       {"migrate.url", "migrate.version_table", "migrate.wait", "migrate.lock_timeout"}) {
    flags.push_back(flag_of(key));
  }
  return flags;
}

Positional one(std::string_view help, int count_min) {
  return {.name = "REVISION", .help = help, .count_min = count_min, .count_max = 1};
}

std::vector<Command> database_commands() {
  return {
      {.name = "upgrade",
       .summary = "apply revisions",
       .details = "Applies what is missing up to REVISION: an id or its beginning, head, heads, "
                  "+N steps, id+N, label@head. Each revision is one transaction, and one "
                  "migrator at a time has the lock of the database; one that waited finds nothing "
                  "left to do. With --sql a range from:to is understood.",
       .flags = with_database(
           {kSql, kTag, kDryRun, flag_of("migrate.allow_destructive"), kNoBackup, kJson}),
       .positional = one("where to go; all heads when it is missing", 0),
       .examples = {"katip migrate upgrade head", "katip migrate upgrade +1 --dry-run",
                    "katip migrate upgrade head --sql > upgrade.sql",
                    "katip migrate upgrade head --url postgresql://katip@db/katip --wait 60"},
       .run = &upgrade},
      {.name = "downgrade",
       .summary = "take revisions back",
       .details = "Takes back what is applied down to REVISION: an id, base, -N steps, id-N, "
                  "label@base. What loses data is refused unless --allow-destructive is given. "
                  "With --sql it has to be a range from:to.",
       .flags = with_database(
           {kSql, kTag, kDryRun, flag_of("migrate.allow_destructive"), kNoBackup, kJson}),
       .positional = one("where to go", 1),
       .examples = {"katip migrate downgrade -1 --allow-destructive",
                    "katip migrate downgrade 5cb311f7:base --sql"},
       .run = &downgrade},
      {.name = "stamp",
       .summary = "say where the database is, without running anything",
       .flags = with_database({kSql,
                               kTag,
                               {.name = "--purge",
                                .help = "forget all that the table says now, also "
                                        "revisions that no file has"},
                               kDryRun,
                               kJson}),
       .positional = {.name = "REVISION",
                      .help = "ids, head, heads or base",
                      .count_min = 1,
                      .count_max = 100},
       .examples = {"katip migrate stamp 5cb311f7ffd7", "katip migrate stamp --purge base"},
       .run = &stamp},
      {.name = "ensure_version",
       .summary = "make the version table if it is missing",
       .flags = with_database({kSql, kTag}),
       .examples = {"katip migrate ensure_version"},
       .run = &ensure_version},
      {.name = "current",
       .summary = "show where the database is",
       .flags = with_database({kVerbose,
                               {.name = "--check-heads",
                                .short_name = "-c",
                                .help = "fail when it is not at all heads"},
                               kJson},
                              false),
       .examples = {"katip migrate current", "katip migrate current -c && echo up to date"},
       .run = &current},
      {.name = "check",
       .summary = "fail when the declared schema differs from the database",
       .details = "Compares the declared schema (schema.sqlite.sql, schema.postgres.sql in the "
                  "folder of the migrations) with the database, through a shadow database. What "
                  "lint finds in the revisions is said as warnings, and fails nothing.",
       .flags = with_database({kJson}),
       .examples = {"katip migrate check --dir migrations"},
       .run = &check},
      {.name = "verify",
       .summary = "fail when an applied revision was changed since",
       .flags = with_database({kJson}),
       .examples = {"katip migrate verify"},
       .run = &verify}};
}

std::vector<Command> listing_commands() {
  return {
      {.name = "history",
       .summary = "list revisions, last first",
       .flags = with_database({{.name = "--rev-range",
                                .short_name = "-r",
                                .value_name = "FROM:TO",
                                .help = "only these; either end may be missing, base, current, "
                                        "head or -N"},
                               kVerbose,
                               {.name = "--indicate-current",
                                .short_name = "-i",
                                .help = "mark what the database is at"},
                               kJson}),
       .examples = {"katip migrate history", "katip migrate history -r current: -v"},
       .run = &history},
      {.name = "heads",
       .summary = "list revisions that nothing stands on",
       .flags = with_folder(
           {kVerbose,
            {.name = "--resolve-dependencies", .help = "leave out those that others depend on"},
            kJson}),
       .examples = {"katip migrate heads"},
       .run = &heads},
      {.name = "branches",
       .summary = "list revisions where the history branches",
       .flags = with_folder({kVerbose, kJson}),
       .examples = {"katip migrate branches -v"},
       .run = &branches},
      {.name = "show",
       .summary = "show everything about a revision",
       .flags = with_database({kJson}),
       .positional = one("which; head when it is missing", 0),
       .examples = {"katip migrate show head", "katip migrate show 5cb3"},
       .run = &show},
      {.name = "lint",
       .summary = "find statements that lose data, lock or break running programs",
       .details = "Looks at the upgrades of these revisions, or of all. A statement that is meant "
                  "so gets a comment: -- katip: allow drop-column",
       .flags = with_folder({{.name = "--dialect",
                              .value_name = "KIND",
                              .help = "database whose rules hold [both]",
                              .choices = {"sqlite", "postgresql", "both"}},
                             kJson}),
       .positional = {.name = "REVISION",
                      .help = "which; all when none is named",
                      .count_min = 0,
                      .count_max = 100},
       .examples = {"katip migrate lint head", "katip migrate lint --dialect postgresql"},
       .run = &lint}};
}

std::vector<Command> file_commands() {
  return {{.name = "init",
           .summary = "make a folder for migrations of your own",
           .flags = {{.name = "--ini",
                      .short_name = "-c",
                      .value_name = "FILE",
                      .help = "settings file to make [migrate.ini]",
                      .completes = Completes::kFile}},
           .positional = {.name = "FOLDER",
                          .help = "new or empty folder",
                          .count_min = 1,
                          .count_max = 1,
                          .completes = Completes::kFolder},
           .examples = {"katip migrate init migrations"},
           .run = &init},
          {.name = "revision",
           .summary = "make a new revision file",
           .flags = with_database(
               {kMessage,
                {.name = "--autogenerate",
                 .help = "fill it with the differences between declared schema and database"},
                kSql,
                {.name = "--head",
                 .value_name = "REVISION",
                 .help = "what it stands on: an id, head, base, label@head [head]"},
                kSplice,
                kBranchLabel,
                {.name = "--version-path",
                 .value_name = "DIR",
                 .help = "which of the version locations gets the file",
                 .completes = Completes::kFolder},
                kRevisionId,
                {.name = "--depends-on",
                 .value_name = "REVISION",
                 .help = "revision of another branch that has to be applied before",
                 .is_repeatable = true},
                kJson}),
           .examples = {"katip migrate revision -m \"add speakers\"",
                        "katip migrate revision -m \"add speakers\" --autogenerate",
                        "katip migrate revision -m plugin --head base --branch-label plugin"},
           .run = &revision},
          {.name = "merge",
           .summary = "make a revision that joins several heads",
           .flags = with_folder({kMessage, kBranchLabel, kRevisionId, kSplice, kJson}),
           .positional = {.name = "REVISION",
                          .help = "the heads to join; heads for all",
                          .count_min = 1,
                          .count_max = 100},
           .examples = {"katip migrate merge heads -m \"join speakers and jobs\""},
           .run = &merge},
          {.name = "edit",
           .summary = "open revision files in $EDITOR",
           .flags = with_database({}),
           .positional = one("which; head when it is missing", 0),
           .examples = {"katip migrate edit head"},
           .run = &edit}};
}

}  // namespace

Command migrate_command() {
  Command command{
      .name = "migrate",
      .summary = "upgrade the database, or manage any schema by revisions",
      .details =
          "Without a folder these commands are about katip's own database: `katip migrate upgrade "
          "head` makes or upgrades it. With --dir DIR, -c FILE or a migrate.ini in the working "
          "folder they manage the revisions of any schema, on SQLite and PostgreSQL, in the way of "
          "Alembic and with its version table. docs/migrations.md is the manual.\n"
          "\n"
          "Exit codes: 0 done, 1 failed or a fault was found, 2 asked wrongly.",
      .examples = {"katip migrate upgrade head", "katip migrate current",
                   "katip migrate init migrations",
                   "katip migrate revision -m \"first tables\" --autogenerate"}};
  for (auto commands : {database_commands(), listing_commands(), file_commands()}) {
    std::ranges::move(commands, std::back_inserter(command.subcommands));
  }
  return command;
}

}  // namespace katip::cli
