#pragma once

#include "cli/command/command.h"

/// One function for each command, each in a file of its own beside this one.
namespace katip::cli {

Command transcribe_command();
Command models_command();
Command config_command();
Command doctor_command();
Command migrate_command();
Command completion_command();
Command serve_command();
Command load_test_command();
Command worker_command();
Command queue_command();
Command watch_command();
Command user_command();
Command key_command();
Command lexicon_command();
Command backup_command();
Command worker_process_command();
Command bench_worker_command();

/// katip itself, with all of them.
Command root_command();

}  // namespace katip::cli
