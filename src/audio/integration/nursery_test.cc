#include "audio/child/nursery.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/child/owned_fd.h"
#include "audio/integration/audio_testing.h"
#include "audio/integration/children.h"
#include "base/subprocess.h"

// One nursery, many children: whatever happens to either, the next recording is decoded and nothing
// is left over.
namespace katip::audio {
namespace {

using namespace std::chrono_literals;

class Nursery : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(decode(wav_).pcm.size(), 16'000u);  // there is one now
    if (children().empty()) {
      GTEST_SKIP() << "this kernel does not list children, or lets nobody have a nursery";
    }
  }

  /// -1: there is none, it is dead, or it is not the only child.
  static pid_t nursery() {
    const auto all = children();
    const bool is_alone = all.size() == 1 && nursery_pid() == all.front();
    return is_alone && state_of(all.front()) != 'Z' ? all.front() : -1;
  }

  Bytes wav_ = make_wav(make_tone({}), 16'000, 1, WavSamples::kS16);
};

TEST_F(Nursery, ServesOneAfterAnotherAndKeepsNothing) {
  const pid_t before = nursery();
  ASSERT_GT(before, 0);
  const auto own_descriptors = descriptors_of("self");
  const TemporaryFile file(wav_);
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(decode(file.path()).pcm.size(), 16'000u) << i;
  }
  EXPECT_EQ(nursery(), before) << "the same one, and nobody else is left, dead or alive";
  EXPECT_EQ(descriptors_of("self").size(), own_descriptors.size());
  EXPECT_EQ(descriptors_of(std::to_string(before)).size(), 4u);
}

TEST_F(Nursery, ServesManyThreadsAtOnce) {
  const pid_t before = nursery();
  const auto own_descriptors = descriptors_of("self");
  const TemporaryFile file(wav_);
  std::atomic<int> decoded_count = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 10; ++k) {
          decoded_count += decode(file.path()).pcm.size() == 16'000 ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(decoded_count, 160);
  EXPECT_EQ(nursery(), before);
  EXPECT_EQ(descriptors_of("self").size(), own_descriptors.size());
}

TEST_F(Nursery, ThatIsKilledBetweenRequestsIsReplaced) {
  const pid_t before = nursery();
  ASSERT_EQ(kill(before, SIGKILL), 0);
  EXPECT_EQ(decode(wav_).pcm.size(), 16'000u);
  EXPECT_GT(nursery(), 0) << "the dead one was reaped";
  EXPECT_NE(nursery(), before);
}

TEST_F(Nursery, ThatIsKilledAmidRequestsCostsNone) {
  const TemporaryFile file(wav_);
  std::atomic<int> running_count = 8;
  std::atomic<int> decoded_count = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 25; ++k) {
        decoded_count += decode(file.path()).pcm.size() == 16'000 ? 1 : 0;
      }
      --running_count;
    });
  }
  int kill_count = 0;
  for (int next = 0; running_count > 0; std::this_thread::yield()) {
    const auto running = nursery_pid();
    if (decoded_count >= next && running && kill(*running, SIGKILL) == 0) {
      ++kill_count;
      next = decoded_count + 7;  // it gets to work meanwhile
    }
  }
  threads.clear();
  EXPECT_GT(kill_count, 10);
  EXPECT_EQ(decoded_count, 200);
  EXPECT_EQ(decode(file.path()).pcm.size(), 16'000u);
  EXPECT_EQ(children(), std::vector<pid_t>{nursery()}) << "all others were reaped";
}

TEST_F(Nursery, OutlivesChildrenThatCrash) {
  DecodeOptions options = test_options();
  options.decoder_path = KATIP_SANDBOX_PROBE;
  const auto probe = [&](const std::string& word) {
    return decode(Bytes(word.begin(), word.end()), options).error->message;
  };
  EXPECT_NE(probe("abort").find("SIGABRT"), std::string::npos);
  const pid_t before = nursery();
  EXPECT_NE(probe("socket").find("sandbox forbids"), std::string::npos);
  EXPECT_NE(probe("openat").find("openat was refused"), std::string::npos);
  EXPECT_GT(before, 0);
  EXPECT_EQ(nursery(), before);
}

TEST_F(Nursery, GivesEachChildItsOwnDescriptorsOnly) {
  const OwnedFd stray(open("/dev/zero", O_RDONLY));  // not close-on-exec, as a library may leave it
  ASSERT_EQ(kill(nursery(), SIGKILL), 0);
  ASSERT_EQ(decode(wav_).pcm.size(), 16'000u);
  const pid_t mother = nursery();
  ASSERT_GT(mother, 0);
  EXPECT_EQ(descriptors_of(std::to_string(mother)).size(), 4u) << "three for nothing, one socket";

  const TemporaryFile file(make_silent_flac(3600));
  auto first = AudioStream::open(file.path(), test_options());
  auto second = AudioStream::open(file.path(), test_options());
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(children().size(), 3u);
  for (const pid_t child : children()) {
    if (child == mother) {
      continue;
    }
    const auto targets = descriptors_of(std::to_string(child));
    ASSERT_EQ(targets.size(), 5u);
    EXPECT_EQ(targets[0], "/dev/null");
    EXPECT_EQ(targets[1], "/dev/null");
    EXPECT_EQ(targets[3].substr(0, 7), "socket:");
    EXPECT_EQ(targets[4], file.path().string());
    EXPECT_EQ(getpgid(child), child) << "Ctrl-C is not for it";
  }
}

TEST_F(Nursery, HasOneThread) {
  std::error_code error;
  EXPECT_EQ(std::filesystem::hard_link_count("/proc/" + std::to_string(nursery()) + "/task", error),
            3u);
}

TEST_F(Nursery, EndsWithItsKatip) {
  const TemporaryFile file(wav_);
  for (const std::string how : {"exit", "kill"}) {
    const auto result =
        run_subprocess({KATIP_NURSERY_HOLDER, KATIP_DECODER, file.path().string(), how}, 1min, {});
    ASSERT_TRUE(result.has_value());
    const pid_t orphan = std::stoi(result->output);
    const OwnedFd handle(static_cast<int>(syscall(SYS_pidfd_open, orphan, 0)));
    if (!handle.is_open()) {
      EXPECT_EQ(errno, ESRCH);
      continue;
    }
    pollfd ended{.fd = handle.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&ended, 1, 10'000), 1) << how;
  }
}

/// A decoder that fails as a nursery, twice, and is then itself: the third start is a direct one.
TEST_F(Nursery, IsDoneWithoutWhereThereCanBeNone) {
  const TemporaryFile counter(Bytes{});
  const TemporaryFile script(Bytes{});
  std::ofstream(script.path()) << "#!/bin/sh\n"
                               << "echo >> " << counter.path().string() << "\n"
                               << "test $(wc -l < " << counter.path().string() << ") -gt 2 && "
                               << "exec " << KATIP_DECODER << "\n";
  std::filesystem::permissions(script.path(), std::filesystem::perms::owner_all);
  DecodeOptions options = test_options();
  options.decoder_path = script.path();
  EXPECT_EQ(decode(wav_, options).pcm.size(), 16'000u);
  EXPECT_TRUE(children().empty());
  EXPECT_EQ(std::filesystem::file_size(counter.path()), 3u);
}

}  // namespace
}  // namespace katip::audio
