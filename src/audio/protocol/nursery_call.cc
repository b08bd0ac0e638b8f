#include "audio/protocol/nursery_call.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <sys/socket.h>

// The control socket keeps messages apart (SOCK_SEQPACKET), so that threads need no lock to call.
// Tested by nursery_call_test.cc.
namespace katip::audio {
namespace {

constexpr std::byte kReady{'R'};
constexpr std::byte kCall{'C'};

/// Control data must be aligned like its header.
union ControlBuffer {
  cmsghdr header;
  std::array<char, CMSG_SPACE(sizeof(int))> bytes;
};

Status sent(ssize_t count) {
  return count >= 0 ? Status{}
                    : fail(ErrorCode::kUnavailable,
                           std::string("the nursery cannot be reached: ") + std::strerror(errno));
}

}  // namespace

Status send_ready(int control) { return sent(send(control, &kReady, 1, MSG_NOSIGNAL)); }

Status send_call(int control, int socket) {
  std::byte call = kCall;
  iovec data{.iov_base = &call, .iov_len = 1};
  ControlBuffer buffer{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = buffer.bytes.data();
  message.msg_controllen = buffer.bytes.size();
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(part), &socket, sizeof socket);
  return sent(sendmsg(control, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

std::optional<OwnedFd> receive_call(int control) {
  while (true) {
    std::byte call{};
    iovec data{.iov_base = &call, .iov_len = 1};
    ControlBuffer buffer{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = buffer.bytes.data();
    message.msg_controllen = buffer.bytes.size();
    const ssize_t count = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return std::nullopt;
    }
    const cmsghdr* part = CMSG_FIRSTHDR(&message);
    if (part != nullptr && part->cmsg_type == SCM_RIGHTS) {
      int socket = -1;
      std::memcpy(&socket, CMSG_DATA(part), sizeof socket);
      return OwnedFd(socket);
    }
    // No descriptor was free: its other end is closed by now, and katip goes on without.
  }
}

Status send_birth(int socket, pid_t child) {
  return sent(send(socket, &child, sizeof child, MSG_NOSIGNAL));
}

std::optional<pid_t> receive_birth(int socket) {
  pid_t child = -1;
  ssize_t count = 0;
  do {
    count = recv(socket, &child, sizeof child, MSG_WAITALL);
  } while (count < 0 && errno == EINTR);
  return count == sizeof child ? std::optional(child) : std::nullopt;
}

}  // namespace katip::audio
