#include <string>

#include <gtest/gtest.h>

#include "audio/integration/audio_testing.h"

// A child that was taken over (sandbox_probe_main.cc) tries to leave, to hang and to lie. Each try
// must end as one Error here, and nothing else may happen.
namespace katip::audio {
namespace {

Decoded probe_with(const std::string& word, DecodeOptions options = {}) {
  options.decoder_path = KATIP_SANDBOX_PROBE;
  return decode(Bytes(word.begin(), word.end()), options);
}

class Escape : public testing::TestWithParam<const char*> {};

TEST_P(Escape, EndsTheChild) {
  const Decoded decoded = probe_with(GetParam());
  ASSERT_TRUE(decoded.error.has_value());
  EXPECT_EQ(decoded.error->code, ErrorCode::kCorruptData) << decoded.error->message;
  EXPECT_NE(decoded.error->message.find("sandbox forbids"), std::string::npos)
      << decoded.error->message;
}

INSTANTIATE_TEST_SUITE_P(Sandbox, Escape,
                         testing::Values("socket", "connect", "sendmsg", "open", "creat", "execve",
                                         "fork", "clone", "ptrace", "kill", "tgkill", "unlink",
                                         "ioctl", "process_vm_readv", "setrlimit", "mmap_exec",
                                         "io_uring_setup"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Sandbox, PathsCannotBeOpened) {
  EXPECT_NE(probe_with("openat").error->message.find("openat was refused"), std::string::npos);
}

TEST(Sandbox, MemoryIsLimited) {
#if defined(KATIP_SANITIZED)
  GTEST_SKIP() << "sanitizers reserve more address space than the limit is";
#endif
  EXPECT_NE(probe_with("memory").error->message.find("no memory"), std::string::npos);
}

TEST(Sandbox, ComputingTimeIsLimited) {
  const Decoded decoded = probe_with("spin");
  EXPECT_EQ(decoded.error->code, ErrorCode::kTooLarge) << decoded.error->message;
}

TEST(HostileChild, ThatCrashesIsOneError) {
  const Decoded decoded = probe_with("abort");
  EXPECT_EQ(decoded.error->code, ErrorCode::kCorruptData);
  EXPECT_NE(decoded.error->message.find("SIGABRT"), std::string::npos) << decoded.error->message;
}

TEST(HostileChild, ThatSaysNothingIsOneError) {
  EXPECT_EQ(probe_with("exit").error->code, ErrorCode::kInternal);
}

TEST(HostileChild, ThatHangsTimesOut) {
  EXPECT_EQ(probe_with("hang", {.idle_ms_max = 300}).error->code, ErrorCode::kTimeout);
}

TEST(HostileChild, ThatOnlyClaimsToBeAliveTimesOut) {
  // An idle child is caught by idle_ms_max; one that talks without giving sound, by the other.
  const Decoded decoded = probe_with("alive", {.idle_ms_max = 200, .input_wait_ms_max = 200});
  EXPECT_EQ(decoded.error->code, ErrorCode::kTimeout) << decoded.error->message;
}

TEST(HostileChild, ThatAnswersNonsenseIsCaught) {
  EXPECT_EQ(probe_with("nonsense").error->code, ErrorCode::kCorruptData);
  EXPECT_TRUE(probe_with("half").error.has_value());
}

TEST(HostileChild, ThatNeverStopsGivingSoundIsStoppedAtTheLimit) {
  const Decoded decoded = probe_with("flood", {.duration_ms_max = 5000});
  EXPECT_EQ(decoded.error->code, ErrorCode::kTooLarge);
  EXPECT_LE(decoded.pcm.size(), 6u * 16'000);
}

TEST(HostileChild, AProgramThatIsNotThereIsNamed) {
  const Decoded decoded = decode(Bytes{1}, {.decoder_path = "/nonexistent/katip-decoder"});
  EXPECT_EQ(decoded.error->code, ErrorCode::kUnavailable);
  EXPECT_NE(decoded.error->message.find("/nonexistent/katip-decoder"), std::string::npos);
}

TEST(HostileChild, AnotherProgramIsNoDecoder) {
  EXPECT_TRUE(decode(Bytes{1}, {.decoder_path = "/bin/true"}).error.has_value());
}

}  // namespace
}  // namespace katip::audio
