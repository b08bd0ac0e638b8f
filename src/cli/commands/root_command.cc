#include "cli/commands/commands.h"

namespace katip::cli {

Command root_command() {
  return {.name = "katip",
          .summary = "speech to text on your own machine",
          .details = "katip turns recordings into text, on this machine and with nobody listening.",
          .examples = {"katip transcribe interview.mp3",
                       "katip transcribe --format srt,txt -o subtitles lecture.mp4", "katip serve",
                       "katip models list", "katip doctor"},
          .subcommands = {transcribe_command(), models_command(), config_command(), serve_command(),
                          worker_command(), queue_command(), watch_command(), user_command(),
                          key_command(), lexicon_command(), backup_command(), migrate_command(),
                          load_test_command(), doctor_command(), completion_command(),
                          worker_process_command(), bench_worker_command()}};
}

}  // namespace katip::cli
