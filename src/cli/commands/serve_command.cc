#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/logging.h"
#include "cli/serve/service.h"

namespace katip::cli {
namespace {

int run(const Arguments& arguments, Session& session) {
  const auto settings = load_settings(arguments, session);
  if (!settings) return report(settings.error(), session);
  const auto log = start_logging(*settings, console_kind(session.terminal));
  if (!log) return report(log.error(), session);
  const Status status = serve(arguments, *settings, session, **log);
  if (!status && status.error().code != ErrorCode::kCancelled) {
    return report(status.error(), session);
  }
  return kExitSuccess;
}

}  // namespace

Command serve_command() {
  std::vector<Flag> flags = {flag_of("server.host"), flag_of("server.port"),
                             flag_of("server.workers"),
                             flag_of("server.tls_certificate", Completes::kFile),
                             flag_of("server.tls_key", Completes::kFile)};
  for (const Flag& flag : worker_command().flags) flags.push_back(flag);
  return {.name = "serve",
          .summary = "run the server: the OpenAI-compatible API and workers",
          .details =
              "Serves the API and runs the workers of this machine, until it is stopped. "
              "Everything it keeps lies in the data folder (--data), which is made when it "
              "is not there.\n"
              "\n"
              "The first Ctrl-C or SIGTERM lets requests and running tasks finish; the "
              "second ends everything at once, which loses nothing.",
          .flags = std::move(flags),
          .examples = {"katip serve", "katip serve --port 9000 --model small",
                       "curl http://127.0.0.1:8002/v1/audio/transcriptions -F file=@talk.mp3 -F "
                       "model=whisper-1",
                       "DATABASE_URL=postgresql://katip:secret@db/katip katip serve --workers off"},
          .run = &run};
}

}  // namespace katip::cli
