#pragma once

#include <chrono>
#include <filesystem>

#include "app/transcription_task.h"
#include "remote/transcription_provider.h"

/// The engine of somebody else in place of our own: the same requests, the same transcripts.
namespace katip::app {

struct RemoteEngineOptions {
  remote::ProviderOptions provider = {};
  /// A recording is sent in parts of at most so long: what is sent is 16-bit sound at 16 kHz, of
  /// which 25 MB, as much as OpenAI takes, are 13 minutes. 10 s to 780 s.
  std::chrono::seconds part_max{600};
  std::filesystem::path temporary_dir = {};  ///< For the part being sent; empty: the system's.

  /// Errors: kInvalidArgument, naming the field.
  [[nodiscard]] Status validate() const;
};

/// Decodes a recording here, in the sandbox as always, cuts it where it is quiet, sends part by
/// part and puts the answers together. A part is a window: when an attempt dies, the next one goes
/// on behind the last part that was answered, and nothing is paid for twice.
///
/// Of the options it knows language, task, prompt (with condition_on_previous_text the end of the
/// text before), word times, one temperature, and the terms of the lexicon as part of the prompt.
/// Sound that is nothing but silence is not sent.
///
/// Errors:  those of AudioStream and TranscriptionProvider::transcribe(); kInvalidArgument for
///          channels that are to be kept apart.
/// Threads: the function may run on any number of threads at once.
TranscribeFunction transcribe_remotely(RemoteEngineOptions options);

/// "whisper-1" of "remote:whisper-1"; nothing for a model of this machine.
std::optional<std::string> remote_model(std::string_view model);

}  // namespace katip::app
