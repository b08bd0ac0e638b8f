#include "audio/protocol/request.h"

#include <array>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "audio/child/owned_fd.h"

namespace katip::audio {
namespace {

const DecodeRequest kRequest{.input_kind = InputKind::kStream,
                             .extent = Extent::kFirstFrame,
                             .channel_mode = ChannelMode::kSeparate,
                             .input_begin = 7,
                             .input_size = -1,
                             .input_size_max = int64_t{1} << 40,
                             .spool_size_max = 5,
                             .duration_ms_max = 6,
                             .input_wait_ms_max = 8,
                             .channel_count_max = 3,
                             .cpu_seconds_max = 61};

struct Sockets {
  OwnedFd parent;
  OwnedFd child;
};

Sockets make_sockets() {
  std::array<int, 2> fds{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()), 0);
  return {OwnedFd(fds[0]), OwnedFd(fds[1])};
}

TEST(DecodeRequest, GivesBackWhatWasEncoded) {
  const auto parsed = parse_request(encode_request(kRequest));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(*parsed, kRequest);
}

TEST(DecodeRequest, RefusesAnotherVersionAndAnotherSize) {
  auto bytes = encode_request(kRequest);
  EXPECT_FALSE(parse_request(std::span(bytes).first(bytes.size() - 1)).has_value());
  EXPECT_FALSE(parse_request({}).has_value());
  bytes[0] = std::byte{99};
  EXPECT_EQ(parse_request(bytes).error().code, ErrorCode::kUnavailable);
}

TEST(DecodeRequest, CarriesItsDescriptors) {
  const Sockets sockets = make_sockets();
  std::array<int, 2> pipe_fds{};
  ASSERT_EQ(pipe2(pipe_fds.data(), O_CLOEXEC), 0);
  const OwnedFd read_end(pipe_fds[0]);
  const OwnedFd write_end(pipe_fds[1]);
  ASSERT_TRUE(send_request(sockets.parent.get(), kRequest,
                           {.input = read_end.get(), .spool = write_end.get()}));

  const auto received = receive_request(sockets.child.get());
  ASSERT_TRUE(received.has_value() && received->has_value());
  EXPECT_EQ((*received)->request, kRequest);
  const OwnedFd input((*received)->files.input);
  const OwnedFd spool((*received)->files.spool);
  ASSERT_EQ(write(spool.get(), "x", 1), 1);
  char byte = 0;
  ASSERT_EQ(read(input.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(DecodeRequest, AParentThatGoesAwayIsNoError) {
  const OwnedFd gone = make_sockets().child;
  const auto received = receive_request(gone.get());
  ASSERT_TRUE(received.has_value());
  EXPECT_FALSE(received->has_value());
}

TEST(DecodeRequest, AChildThatWentAwayIsAnError) {
  const OwnedFd lonely = make_sockets().parent;
  const OwnedFd input(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto sent = send_request(lonely.get(), kRequest, {.input = input.get()});
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace katip::audio
