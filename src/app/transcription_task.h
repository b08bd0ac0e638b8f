#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/media_shelf.h"
#include "app/transcribe.h"
#include "app/transcription_args.h"
#include "audio/media_info.h"
#include "base/clock.h"
#include "base/result.h"
#include "jobs/handler.h"
#include "store/connection.h"
#include "text/writers.h"

/// The task `transcription.process`: a recording of the data folder becomes the transcript of a
/// job, whatever dies in between.
///
///   const auto use_model = [&](std::string_view name) { return models.use(name); };
///   handlers[kTranscriptionKind] = {
///       .run = transcription_handler({.use_model = use_model, .shelf = data})};
///
/// All slots of a process share one engine, so the windows of all its tasks are decoded in one
/// batch, those of a task with a higher priority first.
namespace katip::app {

inline constexpr const char* kTranscriptionKind = "transcription.process";

struct TranscriptionFigures {
  std::string model;
  std::int64_t duration_ms = 0;
  std::int64_t speech_ms = 0;
  std::int64_t processing_ms = 0;  ///< Of all attempts whose windows are in the transcript.
  std::int64_t queue_wait_ms = 0;  ///< From when the attempt could begin until it did.
  /// Processing time by duration: 0.02 is fifty times faster than speaking. 0 for no sound.
  double realtime_factor = 0;
  std::int64_t window_count = 0;
  std::int64_t resumed_window_count = 0;  ///< Of these, taken over from earlier attempts.
};

struct Document {
  text::Format format = text::Format::kText;
  std::string bytes;
};

/// What completes a job.
struct Finished {
  TranscriptionArgs args;
  text::Transcript transcript;      ///< Its warning says so when the recording broke off.
  std::string transcript_json;      ///< docs/formats/transcript-json.md
  std::vector<Document> documents;  ///< In the formats that the args name.
  audio::MediaInfo media;
  TranscriptionFigures figures;
  std::string made_by;  ///< "katip" or "remote".
};

/// transcribe() with an engine, or what stands in for it in a test.
using TranscribeFunction = std::function<Transcribed(
    const TranscribeRequest& request, const TranscribeObserver& observer, std::stop_token stop)>;

/// Lifetime: the engine outlives the function.
TranscribeFunction transcribe_with(engine::Engine& engine);

/// A model, for as long as a task needs it.
struct ModelUse {
  std::string name = {};  ///< Windows that another one has made are not gone on with.
  std::string made_by = {};
  TranscribeFunction transcribe = {};
};

/// What the handler is given by the process that runs it.
struct TranscriptionTools {
  /// The model that the args name; empty: the one that is served. Errors end the attempt.
  std::function<Result<ModelUse>(std::string_view name)> use_model = {};
  MediaShelf shelf;                  ///< Sources lie on it and nowhere else.
  audio::DecodeOptions decode = {};  ///< Limits; the channels are those of the args.
  const Clock& clock = system_clock();
  /// Writes the transcript into the rows of the job, in the transaction that completes the task.
  /// Empty: nothing is written. May run more than once.
  std::function<Status(store::Connection&, const Finished&)> complete = {};
  /// Terms in use of a language (empty: of any), which every transcription is given besides its
  /// own. Empty: none. Errors end the attempt.
  std::function<Result<std::vector<engine::LexiconTerm>>(std::string_view language,
                                                         std::stop_token stop)>
      active_terms = {};
  /// The engine has finished a window, which is not saved yet. For logs: it says since when its
  /// text is under way to those who listen.
  std::function<void(const store::ClaimedTask&, const engine::WindowDone&)> on_window = {};
  /// A checkpoint could not be saved; it is tried again with the next window. For logs.
  std::function<void(const store::ClaimedTask&, const Error&)> on_problem = {};
};

/// Each finished window is saved under the lease. The next attempt takes them over and goes on
/// behind them, unless the model, the options, the file's size or what was saved has changed.
/// The task's own result are the figures; the transcript goes to `complete`.
///
/// Errors:  those of parse_transcription_args() and transcribe(); kInvalidArgument for a source
///          outside of the data folder; kConflict when the lease was lost. A recording that turns
///          out to be damaged after its first words is no error: the transcript has a warning.
/// Threads: the handler may run on any number of threads at once.
jobs::Handler transcription_handler(TranscriptionTools tools);

}  // namespace katip::app
