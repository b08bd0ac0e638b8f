#include "audio/child/socket_pair.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <sys/socket.h>

namespace katip::audio {

Result<SocketPair> make_socket_pair(int type) {
  std::array<int, 2> fds{};
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds.data()) != 0) {
    return fail(ErrorCode::kUnavailable,
                std::string("no socket for the decoder: ") + std::strerror(errno));
  }
  return SocketPair{.ours = OwnedFd(fds[0]), .theirs = OwnedFd(fds[1])};
}

}  // namespace katip::audio
