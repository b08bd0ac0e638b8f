#pragma once

#include <string>
#include <vector>

#include "app/model_library.h"
#include "app/transcription_task.h"
#include "base/result.h"
#include "cli/config/settings.h"
#include "cli/session.h"
#include "engine/engine.h"
#include "text/writers.h"

/// From settings, which are texts, to the options of the modules.
namespace katip::cli {

/// Everything under [transcribe] that the engine decides over; `keywords` join the lexicon file.
///
/// Errors: kInvalidArgument naming the flag, with a suggestion for languages; those of the lexicon.
Result<engine::TranscribeOptions> transcribe_options(const Settings& settings,
                                                     const std::vector<std::string>& keywords);

/// Errors: kInvalidArgument naming the option.
Result<text::WriteOptions> write_options(const Settings& settings);
Result<std::vector<text::Format>> formats(const Settings& settings);

/// Finds and loads the model, and the speech detector where it is needed.
///
/// Errors: kNotFound with what to run; those of Engine::open().
Result<std::unique_ptr<engine::Engine>> open_engine(const Settings& settings,
                                                    const app::ModelPlaces& places,
                                                    engine::Vad vad);

/// What turns recordings into text: the engine of this machine, or for the model `remote:NAME` the
/// server of [remote].
///
/// Lifetime: `run` lives no longer than `engine`.
struct Transcriber {
  std::unique_ptr<engine::Engine> engine;  ///< Nothing for one that is somewhere else.
  app::TranscribeFunction run;
  std::string name;  ///< "katip" or "remote", as jobs say what made them.
};

/// Errors: those of open_engine(); kInvalidArgument, naming the setting of [remote].
Result<Transcriber> open_transcriber(const Settings& settings, const app::ModelPlaces& places,
                                     engine::Vad vad);

}  // namespace katip::cli
