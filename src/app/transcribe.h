#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "audio/audio_stream.h"
#include "base/result.h"
#include "engine/engine.h"
#include "text/transcript.h"

/// A recording in, its transcript out: the audio module and the engine put together.
///
///   const Transcribed done = transcribe(*engine, {.source = path, .options = options}, {}, stop);
///   if (done.error) …   // done.transcript still holds what was understood before
namespace katip::app {

/// An open descriptor, such as that of standard input; it stays the caller's.
struct OpenInput {
  int descriptor = 0;
  std::string name;  ///< For messages: "standard input".
};

struct TranscribeRequest {
  std::variant<std::filesystem::path, OpenInput> source;
  engine::TranscribeOptions options = {};
  audio::DecodeOptions decode = {};  ///< Its channels decide between one transcript and several.
  /// What an earlier call with the same source and options finished: for each channel its windows,
  /// from the first on. They are taken over, and the call goes on behind them.
  std::vector<std::vector<engine::WindowDone>> finished = {};
};

struct Progress {
  std::int64_t done_ms = 0;
  std::optional<std::int64_t> total_ms;  ///< As the file says; a live stream has none.
};

/// Called on the thread that called transcribe().
struct TranscribeObserver {
  std::function<void(const audio::MediaInfo&)> on_open = {};
  std::function<void(const text::Segment&)> on_segment = {};
  /// After its segments. `channel` counts from 0, and is 0 where channels are not kept apart.
  std::function<void(int channel, const engine::WindowDone&)> on_window = {};
  std::function<void(const Progress&)> on_progress = {};
};

struct Transcribed {
  text::Transcript transcript;  ///< Everything, or what was done before the error.
  std::optional<Error> error;
  std::int64_t speech_ms = 0;  ///< What the speech detector let through.
};

/// Transcribes one recording. With Channels::kSeparate each channel is transcribed by itself, and
/// the segments, marked "Channel 1" and so on, are merged by time; standard input can then not be
/// used, as every channel is read by itself.
///
/// Errors:  those of AudioStream and Engine, with all segments before them; kCancelled; kConflict
///          when the finished windows are not of this recording, or the file changed meanwhile.
/// Threads: any; several at once share the engine's batch.
Transcribed transcribe(engine::Engine& engine, const TranscribeRequest& request,
                       const TranscribeObserver& observer, std::stop_token stop);

/// The engine's segment as the text module has it.
text::Segment to_text(const engine::Segment& segment);

}  // namespace katip::app
