#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>

#include <sys/types.h>

#include "audio/child/decoder_process.h"
#include "base/result.h"

/// Loading ffmpeg's libraries costs several times what decoding a short clip does. So it is done
/// once, by a katip-decoder that never reads a foreign byte, the nursery: each decoder is a fresh
/// copy of it, a child of this process, and is served and ended like one that was started directly.
///
/// One nursery is kept, for the program that was asked for last, until this process ends. One that
/// died is replaced; where there can be none, decoders are started directly.
///
/// Threads: safe from any thread.
namespace katip::audio {

/// Starts the nursery unless there is one, and does not wait for it.
///
/// Errors:  kUnavailable, as DecoderProcess::start() says it.
Status prestart_nursery(const std::filesystem::path& program);

/// A decoder that has seen no input.
///
/// Errors:  kUnavailable, as DecoderProcess::start() says it. kCancelled: `stop`.
Result<DecoderProcess> take_decoder(const std::filesystem::path& program,
                                    const std::stop_token& stop);

/// The nursery that is kept, dead or alive. For tests, which kill it.
std::optional<pid_t> nursery_pid();

}  // namespace katip::audio
