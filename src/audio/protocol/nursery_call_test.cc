#include "audio/protocol/nursery_call.h"

#include <array>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace katip::audio {
namespace {

struct Sockets {
  OwnedFd katip;
  OwnedFd other;
};

Sockets make_sockets(int type) {
  std::array<int, 2> fds{};
  EXPECT_EQ(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds.data()), 0);
  return {OwnedFd(fds[0]), OwnedFd(fds[1])};
}

short events_of(int fd) {
  pollfd looked_at{.fd = fd, .events = POLLIN, .revents = 0};
  EXPECT_GE(poll(&looked_at, 1, 0), 0);
  return looked_at.revents;
}

TEST(NurseryCall, BringsTheSocketThatTheChildAnswersOn) {
  const Sockets control = make_sockets(SOCK_SEQPACKET);
  Sockets child = make_sockets(SOCK_STREAM);
  ASSERT_TRUE(send_call(control.katip.get(), child.other.get()).has_value());
  child.other = OwnedFd();
  {
    const auto received = receive_call(control.other.get());
    ASSERT_TRUE(received.has_value());
    ASSERT_TRUE(send_birth(received->get(), 4711).has_value());
    EXPECT_EQ(receive_birth(child.katip.get()), 4711);
  }
  EXPECT_EQ(receive_birth(child.katip.get()), std::nullopt) << "the last copy is closed";
}

TEST(NurseryCall, NothingComesFromAKatipThatIsGone) {
  Sockets control = make_sockets(SOCK_SEQPACKET);
  control.katip = OwnedFd();
  EXPECT_FALSE(receive_call(control.other.get()).has_value());
  EXPECT_EQ(send_ready(control.other.get()).error().code, ErrorCode::kUnavailable);
}

TEST(NurseryCall, ReadyAndGoneCanBeTold) {
  Sockets control = make_sockets(SOCK_SEQPACKET);
  EXPECT_EQ(events_of(control.katip.get()), 0);
  ASSERT_TRUE(send_ready(control.other.get()).has_value());
  EXPECT_EQ(events_of(control.katip.get()), POLLIN);
  control.other = OwnedFd();
  EXPECT_NE(events_of(control.katip.get()) & POLLHUP, 0);
}

TEST(NurseryCall, ThatANurseryNeverTookEndsWithIt) {
  Sockets control = make_sockets(SOCK_SEQPACKET);
  Sockets child = make_sockets(SOCK_STREAM);
  ASSERT_TRUE(send_call(control.katip.get(), child.other.get()).has_value());
  child.other = OwnedFd();
  control.other = OwnedFd();
  EXPECT_EQ(receive_birth(child.katip.get()), std::nullopt);
  EXPECT_EQ(send_call(control.katip.get(), child.katip.get()).error().code,
            ErrorCode::kUnavailable);
}

TEST(NurseryCall, AStuckNurseryDoesNotMakeItsCallersWait) {
  const Sockets control = make_sockets(SOCK_SEQPACKET);
  const Sockets child = make_sockets(SOCK_STREAM);
  Status status;
  for (int i = 0; i < 10'000 && status; ++i) {
    status = send_call(control.katip.get(), child.other.get());
  }
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace katip::audio
