#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <stop_token>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/child/owned_fd.h"
#include "audio/integration/audio_testing.h"

// Bombs, endless inputs, silence on the line, and callers that change their mind.
namespace katip::audio {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

int64_t peak_memory_kib(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return usage.ru_maxrss;
}

TEST(Limits, ABombOfSilenceStopsAtTheLongestDuration) {
  DecodeOptions options = test_options();
  options.duration_ms_max = 600'000;
  const Bytes bomb = make_silent_flac(100 * 3600);
  EXPECT_LT(bomb.size(), 800'000u);
  const Decoded decoded = decode(bomb, options);
  ASSERT_TRUE(decoded.error.has_value());
  EXPECT_EQ(decoded.error->code, ErrorCode::kTooLarge);
  EXPECT_NE(decoded.error->message.find("600.0 s"), std::string::npos) << decoded.error->message;
  EXPECT_LE(decoded.pcm.size(), 600u * 16'000);
}

TEST(Limits, AHeaderThatAnnouncesTooMuchIsRefusedAtOnce) {
  DecodeOptions options = test_options();
  options.duration_ms_max = 1000;
  const Decoded decoded =
      decode(make_wav(make_tone({.seconds = 1.5}), 16'000, 1, WavSamples::kS16), options);
  ASSERT_TRUE(decoded.error.has_value());
  EXPECT_EQ(decoded.error->code, ErrorCode::kTooLarge);
  EXPECT_TRUE(decoded.pcm.empty());
}

TEST(Limits, TooManyChannelsAndBytesAreRefused) {
  const auto tone = make_tone({.channel_count = 12, .seconds = 0.1});
  EXPECT_EQ(decode(make_wav(tone, 16'000, 12, WavSamples::kS16)).error->code, ErrorCode::kTooLarge);
  DecodeOptions options = test_options();
  options.channel_count_max = 2;
  EXPECT_EQ(decode(make_wav(tone, 16'000, 3, WavSamples::kS16), options).error->code,
            ErrorCode::kTooLarge);
  options.input_size_max = 1000;
  EXPECT_EQ(decode(make_wav(tone, 16'000, 1, WavSamples::kS16), options).error->code,
            ErrorCode::kTooLarge);
  EXPECT_EQ(decode_piped(make_wav(tone, 16'000, 1, WavSamples::kS16), options).error->code,
            ErrorCode::kTooLarge);
}

TEST(Limits, RatesThatNobodyRecordsAreRefused) {
  const auto tone = make_tone({.seconds = 0.1});
  for (const int rate : {1, 500, 800'000}) {
    const Decoded decoded = decode(make_wav(tone, rate, 1, WavSamples::kS16));
    ASSERT_TRUE(decoded.error.has_value()) << rate;
    EXPECT_EQ(decoded.error->code, ErrorCode::kInvalidArgument) << decoded.error->message;
  }
}

TEST(Limits, APipedFileThatMustBeKeptIsLimited) {
  KATIP_NEEDS_RECORDINGS();
  DecodeOptions options = test_options();
  options.spool_size_max = 10'000;
  const Decoded decoded = decode_piped(read_bytes(*recordings() / "jfk_aac.m4a"), options);
  ASSERT_TRUE(decoded.error.has_value());
  EXPECT_EQ(decoded.error->code, ErrorCode::kTooLarge) << decoded.error->message;
  options.spool_size_max = 1 << 30;
  options.spool_dir = "/nonexistent";
  const Decoded homeless = decode_piped(read_bytes(*recordings() / "jfk_aac.m4a"), options);
  EXPECT_EQ(homeless.error->code, ErrorCode::kUnavailable) << homeless.error->message;
  EXPECT_FALSE(decode_piped(read_bytes(*recordings() / "jfk.flac"), options).error)
      << "what can be read in order needs no temporary file";
}

TEST(Memory, DoesNotGrowWithTheRecording) {
  const TemporaryFile file(make_silent_flac(4 * 3600));
  auto stream = AudioStream::open(file.path(), test_options());
  ASSERT_TRUE(stream.has_value()) << stream.error().message;
  const int64_t before_kib = peak_memory_kib(RUSAGE_SELF);
  std::vector<float> block(16'000);
  int64_t sample_count = 0;
  while (true) {
    const auto count = stream->read(block);
    ASSERT_TRUE(count.has_value()) << count.error().message;
    if (*count == 0) {
      break;
    }
    sample_count += static_cast<int64_t>(*count);
  }
  EXPECT_NEAR(static_cast<double>(sample_count), 4.0 * 3600 * 16'000, 10.0 * 16'000);
#if !defined(KATIP_SANITIZED)
  EXPECT_LT(peak_memory_kib(RUSAGE_SELF) - before_kib, 8 * 1024);
  EXPECT_LT(peak_memory_kib(RUSAGE_CHILDREN), 200 * 1024);
#else
  (void)before_kib;
#endif
}

/// A pipe whose writing end is kept: it delivers `bytes` and then nothing.
struct SilentPipe {
  OwnedFd input;
  OwnedFd output;
};

SilentPipe silent_pipe(const Bytes& bytes) {
  std::array<int, 2> fds{};
  EXPECT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
  EXPECT_EQ(write(fds[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  return {OwnedFd(fds[0]), OwnedFd(fds[1])};
}

TEST(Cancel, EndsAnOpenThatWaitsForInput) {
  const SilentPipe pipe = silent_pipe({});
  std::stop_source source;
  DecodeOptions options = test_options();
  options.stop = source.get_token();
  const std::jthread stopper([&source] { source.request_stop(); });
  const auto begin = Clock::now();
  const Decoded decoded = drain(AudioStream::open_fd(pipe.input.get(), "standard input", options));
  EXPECT_LT(Clock::now() - begin, 2s);
  ASSERT_TRUE(decoded.error.has_value());
  EXPECT_EQ(decoded.error->code, ErrorCode::kCancelled) << decoded.error->message;
}

TEST(Cancel, EndsAReadThatWaitsForInputAndKeepsWhatWasRead) {
  const SilentPipe pipe = silent_pipe(make_au(make_tone({.sample_rate = 8000}), 8000));
  std::stop_source source;
  DecodeOptions options = test_options();
  options.stop = source.get_token();
  auto stream = AudioStream::open_fd(pipe.input.get(), "standard input", options);
  ASSERT_TRUE(stream.has_value()) << stream.error().message;
  std::vector<float> block(16'000);
  const auto first = stream->read(block);
  ASSERT_TRUE(first.has_value()) << "sound that is there comes before the end of the input";
  EXPECT_GT(*first, 0u);
  source.request_stop();
  const auto begin = Clock::now();
  Result<size_t> count = 0;
  do {
    count = stream->read(block);
  } while (count && *count > 0);
  EXPECT_LT(Clock::now() - begin, 2s);
  ASSERT_FALSE(count.has_value());
  EXPECT_EQ(count.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(stream->read(block).error().code, ErrorCode::kCancelled) << "the same error again";
}

TEST(Timeout, APipeThatDeliversNothingIsGivenUp) {
  const SilentPipe pipe = silent_pipe({});
  DecodeOptions options = test_options();
  options.input_wait_ms_max = 300;
  const Decoded decoded = drain(AudioStream::open_fd(pipe.input.get(), "standard input", options));
  ASSERT_TRUE(decoded.error.has_value());
  EXPECT_EQ(decoded.error->code, ErrorCode::kTimeout) << decoded.error->message;
}

TEST(Children, AreReapedWhateverHappens) {
  {
    const TemporaryFile file(make_silent_flac(3600));
    auto unread = AudioStream::open(file.path(), test_options());
    ASSERT_TRUE(unread.has_value());
    AudioStream moved = std::move(*unread);
    std::vector<float> block(100);
    EXPECT_EQ(moved.read(block).value(), 100u);
  }
  decode(Bytes{1, 2, 3});
  siginfo_t dead{};
  errno = 0;
  EXPECT_TRUE(waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) == 0 || errno == ECHILD);
  EXPECT_EQ(dead.si_pid, 0) << "no child waits to be reaped";
}

TEST(Children, CanBeStartedEarly) {
  const auto wav = make_wav(make_tone({}), 16'000, 1, WavSamples::kS16);
  ASSERT_TRUE(AudioStream::prestart(test_options()).has_value());
  ASSERT_TRUE(AudioStream::prestart(test_options()).has_value()) << "twice is once";
  EXPECT_EQ(decode(wav).pcm.size(), 16'000u);
  EXPECT_EQ(decode(wav).pcm.size(), 16'000u);

  EXPECT_FALSE(AudioStream::prestart({.decoder_path = "/nonexistent"}).has_value());
}

}  // namespace
}  // namespace katip::audio
