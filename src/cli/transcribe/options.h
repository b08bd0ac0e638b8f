#pragma once

#include <string>
#include <vector>

#include "app/loaded_models.h"
#include "app/model_library.h"
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

/// Finds and loads the model `name`, and the speech detector where it is needed.
///
/// Errors: kNotFound with what to run; those of Engine::open().
Result<std::unique_ptr<engine::Engine>> open_engine(const Settings& settings,
                                                    const app::ModelPlaces& places,
                                                    std::string_view name, engine::Vad vad);

/// What turns recordings into text: the engine of this machine, or for the model `remote:NAME` the
/// server of [remote].
///
/// Errors: those of open_engine(); kInvalidArgument, naming the setting of [remote].
Result<app::LoadedModel> open_model(const Settings& settings, const app::ModelPlaces& places,
                                    std::string_view name, engine::Vad vad);

}  // namespace katip::cli
