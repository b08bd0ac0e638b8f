#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"

namespace katip {

/// For tests: a port of the loopback that is free now. Somebody else may take it until a server
/// does, so starting one is tried again.
inline int free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  KATIP_ASSERT(::bind(listener, generic, size) == 0 &&
               ::getsockname(listener, generic, &size) == 0);
  ::close(listener);
  return ntohs(address.sin_port);
}

}  // namespace katip
