#pragma once

#include <optional>

#include <sys/types.h>

#include "audio/child/owned_fd.h"
#include "base/result.h"

/// How katip asks a nursery for decoders: docs/formats/decoder-protocol.md. The nursery says once
/// that it is ready. Then each call hands over the socket of one child to be, and the child itself
/// says its number there. Both sides are ours and neither has read a foreign byte.
///
/// Threads: safe from any thread; calls of several threads do not mix.
namespace katip::audio {

/// Nursery to katip. Nobody takes it from the socket: any number of callers can look for it.
///
/// Errors:  kUnavailable: katip is gone.
Status send_ready(int control);

/// Katip to nursery: a child that serves `socket`, which the caller still closes.
///
/// Errors:  kUnavailable: the nursery is gone, or so many calls wait that it must be stuck.
Status send_call(int control, int socket);

/// Waits for a call; nothing when katip is gone.
std::optional<OwnedFd> receive_call(int control);

/// Child to katip, before anything else.
///
/// Errors:  kUnavailable: katip is gone.
Status send_birth(int socket, pid_t child);

/// Waits for it; nothing when the socket ends instead.
std::optional<pid_t> receive_birth(int socket);

}  // namespace katip::audio
