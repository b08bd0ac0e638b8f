#pragma once

#include <vector>

#include "app/transcription_task.h"
#include "base/result.h"
#include "cli/session.h"
#include "cli/terminal/progress.h"
#include "cli/transcribe/inputs.h"
#include "cli/transcribe/json_report.h"
#include "cli/transcribe/outputs.h"
#include "engine/engine.h"

namespace katip::cli {

struct RunOptions {
  engine::TranscribeOptions transcribe = {};
  audio::Channels channels = audio::Channels::kMix;
  OutputOptions output = {};
  int parallel = 4;
  bool as_json = false;
};

/// Transcribes all inputs, several at a time through one function, and hands out each result as
/// soon as it may: files when they are done, standard output in the order of the inputs.
///
/// Units:  the result is the exit code: 0, or that of the first file that failed.
/// Threads: one call at a time.
int transcribe_all(const app::TranscribeFunction& transcribe, const std::vector<Input>& inputs,
                   const std::vector<OutputPlan>& plans, const RunOptions& options,
                   const remote::HttpClient& client, Session& session);

}  // namespace katip::cli
