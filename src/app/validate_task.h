#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>

#include "app/media_shelf.h"
#include "audio/media_info.h"
#include "base/result.h"
#include "jobs/handler.h"
#include "jobs/queue.h"

/// A recording that came in is looked at before it stands in line: `upload.validate_file`, in the
/// critical queue, opens it in the sandbox. What is no recording fails its job within seconds and
/// with the reason, however long the line of transcriptions is; for what is one, the transaction
/// that completes the task makes the next one, `transcription.process`.
///
/// docs/adr/0011 says why requests that somebody waits for do without.
namespace katip::app {

inline constexpr const char* kValidateKind = "upload.validate_file";

/// audio::probe(), or what stands in for it in a test.
using Probe =
    std::function<Result<audio::MediaInfo>(const std::filesystem::path&, std::stop_token)>;

/// The program that decodes recordings, as it is started for each of them.
Probe sandboxed_probe();

/// The handler of kValidateKind.
///
/// Errors:   those of audio::probe(); kInvalidArgument for args of another form.
/// Lifetime: the queue outlives the handler.
jobs::Handler validate_handler(jobs::Queue& queue, MediaShelf shelf, Probe probe);

}  // namespace katip::app
