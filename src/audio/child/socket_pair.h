#pragma once

#include "audio/child/owned_fd.h"
#include "base/result.h"

namespace katip::audio {

/// Two ends of one connection; the other one is for a child.
struct SocketPair {
  OwnedFd ours;
  OwnedFd theirs;
};

/// Makes one of SOCK_STREAM or SOCK_SEQPACKET, both ends close-on-exec.
///
/// Errors:  kUnavailable: too many descriptors are open.
Result<SocketPair> make_socket_pair(int type);

}  // namespace katip::audio
