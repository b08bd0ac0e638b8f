#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "cli/accounts/command_audit.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/queue/database.h"
#include "cli/queue/media_place.h"
#include "cli/queue/queue_settings.h"
#include "cli/session.h"
#include "cli/transcribe/options.h"
#include "cli/watch/folder_watch.h"

/// Tested by tests/e2e/test_watch.py.
namespace katip::cli {
namespace {

namespace fs = std::filesystem;

Result<std::optional<fs::path>> folder_of(const Arguments& arguments, std::string_view flag) {
  if (!arguments.has(flag)) return std::optional<fs::path>();
  const fs::path folder = fs::absolute(arguments.value(flag));
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return std::optional(folder);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} {}: {}", flag, folder.string(), error.message()));
}

Result<FolderWatchOptions> watch_options(const Arguments& arguments, const Settings& settings) {
  FolderWatchOptions options;
  options.folder = fs::absolute(arguments.positionals.front());
  std::error_code error;
  if (!fs::is_directory(options.folder, error)) {
    return fail(ErrorCode::kInvalidArgument, options.folder.string() + " is no folder");
  }
  options.output = KATIP_TRY(folder_of(arguments, "--output"));
  options.move_to = KATIP_TRY(folder_of(arguments, "--move-done"));
  options.formats = KATIP_TRY(formats(settings));
  options.write = KATIP_TRY(write_options(settings));
  options.args.options = KATIP_TRY(transcribe_options(settings, arguments.values("--keyword")));
  options.keep_for = keep_jobs_for(settings);
  options.is_once = arguments.has("--once");
  return options;
}

Status watch(const Arguments& arguments, Session& session) {
  const Settings settings = KATIP_TRY(load_settings(arguments, session));
  FolderWatchOptions options = KATIP_TRY(watch_options(arguments, settings));
  const fs::path state = options.output.value_or(options.folder) / ".katip-watch.json";
  WatchMemory memory = KATIP_TRY(WatchMemory::load(state));
  const auto pool = KATIP_TRY(open_records(settings, session, {.connection_count_max = 2}));
  jobs::Queue queue(*pool, session.clock, system_rng(), KATIP_TRY(queue_options(settings)));
  const MediaPlace media = KATIP_TRY(MediaPlace::open(settings, session));
  session.terminal.say(Level::kInfo, fmt::format("watching {}", options.folder.string()));
  CommandAudit audit(settings, session, *pool);
  FolderWatch watch(queue, media.shelf, session.clock, session.terminal, audit, memory,
                    std::move(options));
  return watch.run(session.signals.token());
}

int run(const Arguments& arguments, Session& session) {
  const Status status = watch(arguments, session);
  return status ? kExitSuccess : report(status.error(), session);
}

}  // namespace

Command watch_command() {
  return {.name = "watch",
          .summary = "transcribe what comes into a folder",
          .details =
              "Recordings that appear in the folder, or below it, go through the queue, so a "
              "`katip serve` or\n`katip worker` with the same data has to run. A file is taken "
              "when it has not changed for\nfive seconds; its transcript is written beside it. "
              "What was done is remembered in\n.katip-watch.json, also when nobody watches.",
          .flags = {{.name = "--output",
                     .short_name = "-o",
                     .value_name = "DIR",
                     .help = "write transcripts into this folder instead",
                     .completes = Completes::kFolder},
                    {.name = "--move-done",
                     .value_name = "DIR",
                     .help = "move recordings there when their transcripts are written",
                     .completes = Completes::kFolder},
                    {.name = "--once", .help = "end when everything that is there is done"},
                    flag_of("transcribe.format"),
                    flag_of("transcribe.language"),
                    flag_of("transcribe.translate"),
                    flag_of("transcribe.words"),
                    flag_of("jobs.keep_days"),
                    {.name = "--keyword",
                     .value_name = "TERM",
                     .help = "name or term to expect",
                     .is_repeatable = true}},
          .positional = {.name = "DIR",
                         .help = "the folder",
                         .count_min = 1,
                         .count_max = 1,
                         .completes = Completes::kFolder},
          .examples = {"katip watch ~/recordings",
                       "katip watch in -o out --move-done archive --format srt,txt"},
          .run = &run};
}

}  // namespace katip::cli
