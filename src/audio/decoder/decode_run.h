#pragma once

#include "audio/decoder/frame_sink.h"
#include "audio/protocol/request.h"

namespace katip::audio {

/// Decodes one input into `sink`, up to and including its last frame. The whole work of a child,
/// after its walls are up.
///
/// Threads: one thread.
void run_decoder(const DecodeRequest& request, const RequestFiles& files, FrameSink& sink);

/// Waits on `socket` for a request, raises the sandbox around it and runs it. The whole life of
/// katip-decoder.
///
/// Returns: the exit code: 0 when an answer was given, or nobody asked.
int serve_one_request(int socket);

}  // namespace katip::audio
