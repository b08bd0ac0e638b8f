#include "audio/decoder/input_source.h"

#include <array>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

extern "C" {
#include <libavformat/avio.h>
#include <libavutil/error.h>
}

#include "audio/child/owned_fd.h"

namespace katip::audio {
namespace {

OwnedFd memory_file(const std::string& text) {
  OwnedFd fd(memfd_create("input", MFD_CLOEXEC));
  EXPECT_EQ(write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  return fd;
}

/// A pipe that holds `text` and is closed behind it.
OwnedFd closed_pipe(const std::string& text) {
  std::array<int, 2> fds{};
  EXPECT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
  const OwnedFd write_end(fds[1]);
  EXPECT_EQ(write(write_end.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  return OwnedFd(fds[0]);
}

std::string read_some(InputSource& source, int size) {
  std::vector<uint8_t> data(static_cast<size_t>(size));
  const int count = source.read(data.data(), size);
  return count > 0 ? std::string(data.begin(), data.begin() + count) : "";
}

DecodeRequest stream_request() {
  return {.input_kind = InputKind::kStream,
          .input_size_max = 1000,
          .spool_size_max = 1000,
          .input_wait_ms_max = 1};
}

TEST(InputSource, AFileIsReadFromItsBeginAndNoFurtherThanItsSize) {
  const OwnedFd file = memory_file("..0123456789");
  InputSource source({.input_begin = 2, .input_size = 8}, {.input = file.get()}, [] {});
  EXPECT_EQ(read_some(source, 4), "0123");
  EXPECT_EQ(read_some(source, 100), "4567");
  EXPECT_EQ(read_some(source, 100), "");
  EXPECT_EQ(source.seek(0, AVSEEK_SIZE), 8);
  EXPECT_EQ(source.seek(-3, SEEK_END), 5);
  EXPECT_EQ(read_some(source, 2), "56");
  EXPECT_LT(source.seek(-1, SEEK_SET), 0);
  EXPECT_LT(source.seek(INT64_MAX, SEEK_CUR), 0);
}

TEST(InputSource, AFileThatShrankEnds) {
  const OwnedFd file = memory_file("0123");
  InputSource source({.input_size = 1000}, {.input = file.get()}, [] {});
  EXPECT_EQ(read_some(source, 100), "0123");
  std::array<uint8_t, 4> data{};
  EXPECT_EQ(source.read(data.data(), 4), AVERROR_EOF);
}

TEST(InputSource, ASpooledStreamCanGoBackAndForth) {
  const OwnedFd input = closed_pipe("0123456789");
  const OwnedFd spool = memory_file("");
  InputSource source(stream_request(), {.input = input.get(), .spool = spool.get()}, [] {});
  ASSERT_TRUE(source.is_seekable());
  EXPECT_LT(source.seek(0, AVSEEK_SIZE), 0) << "not known before the end";
  EXPECT_EQ(read_some(source, 3), "012");
  EXPECT_EQ(source.seek(7, SEEK_SET), 7);
  EXPECT_EQ(read_some(source, 1), "7");
  EXPECT_EQ(source.seek(1, SEEK_SET), 1);
  EXPECT_EQ(read_some(source, 4), "1234");
  EXPECT_EQ(source.seek(100, SEEK_SET), 100);
  EXPECT_EQ(read_some(source, 1), "");
  EXPECT_EQ(source.seek(0, AVSEEK_SIZE), 10);
}

TEST(InputSource, AStreamWithoutATemporaryFileIsReadInOrder) {
  const OwnedFd input = closed_pipe("0123456789");
  InputSource source(stream_request(), {.input = input.get()}, [] {});
  EXPECT_FALSE(source.is_seekable());
  EXPECT_LT(source.seek(0, SEEK_SET), 0);
  EXPECT_EQ(read_some(source, 4), "0123");
  EXPECT_EQ(read_some(source, 100), "456789");
  EXPECT_EQ(source.size(), -1);
  EXPECT_EQ(read_some(source, 100), "");
  EXPECT_EQ(source.size(), 10);
}

TEST(InputSource, LimitsOfAStreamAreReasonsNotEnds) {
  DecodeRequest request = stream_request();
  request.input_size_max = 5;
  const OwnedFd input = closed_pipe("0123456789");
  InputSource source(request, {.input = input.get()}, [] {});
  EXPECT_EQ(read_some(source, 100), "");
  ASSERT_TRUE(source.failure().has_value());
  EXPECT_EQ(source.failure()->code, ErrorCode::kTooLarge);

  request = stream_request();
  request.spool_size_max = 5;
  const OwnedFd other = closed_pipe("0123456789");
  const OwnedFd spool = memory_file("");
  InputSource spooled(request, {.input = other.get(), .spool = spool.get()}, [] {});
  EXPECT_EQ(read_some(spooled, 100), "");
  EXPECT_EQ(spooled.failure()->code, ErrorCode::kTooLarge);
}

TEST(InputSource, AStreamThatDeliversNothingTimesOutAndSaysSoMeanwhile) {
  std::array<int, 2> fds{};
  ASSERT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
  const OwnedFd input(fds[0]);
  const OwnedFd silent(fds[1]);
  int wait_count = 0;
  InputSource source(stream_request(), {.input = input.get()}, [&] { ++wait_count; });
  EXPECT_EQ(read_some(source, 1), "");
  EXPECT_EQ(source.failure()->code, ErrorCode::kTimeout);
  EXPECT_EQ(wait_count, 1);
}

TEST(InputSource, ADemuxerThatRunsInCirclesIsStopped) {
  const OwnedFd file = memory_file(std::string(1 << 20, 'x'));
  InputSource source({.input_size = 1 << 20}, {.input = file.get()}, [] {});
  std::vector<uint8_t> data(1 << 20);
  int round_count = 0;
  while (source.read(data.data(), 1 << 20) > 0 && round_count < 1000) {
    source.seek(0, SEEK_SET);
    ++round_count;
  }
  EXPECT_LT(round_count, 300);
  EXPECT_EQ(source.failure()->code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace katip::audio
