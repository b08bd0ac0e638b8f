#include "base/subprocess.h"

#include <gtest/gtest.h>

namespace katip {
namespace {

using namespace std::chrono_literals;

TEST(Subprocess, GivesOutputAndExitCode) {
  const auto result = run_subprocess({"sh", "-c", "echo out; echo err >&2; exit 3"}, 10s, {});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->output, "out\nerr\n");
}

TEST(Subprocess, PassesArgumentsWithoutAShell) {
  const auto result = run_subprocess({"printf", "%s", "$HOME; rm 'x'"}, 10s, {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "$HOME; rm 'x'");
}

TEST(Subprocess, PutsVariablesIntoTheEnvironmentOfTheProgramAlone) {
  const auto result = run_subprocess(
      {"sh", "-c", "echo \"$KATIP_TEST_WORD $HOME\""}, 10s, {},
      {{.name = "KATIP_TEST_WORD", .value = "a b"}, {.name = "HOME", .value = "/h"}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "a b /h\n");
  const auto next = run_subprocess({"sh", "-c", "echo \"$KATIP_TEST_WORD\""}, 10s, {});
  ASSERT_TRUE(next);
  EXPECT_EQ(next->output, "\n");
}

TEST(Subprocess, NamesAProgramThatIsNotThere) {
  const auto result = run_subprocess({"katip-no-such-program"}, 10s, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
}

TEST(Subprocess, KeepsTheEndOfALongOutput) {
  const auto result =
      run_subprocess({"sh", "-c", "head -c 1000000 /dev/zero; printf end"}, 10s, {});
  ASSERT_TRUE(result);
  EXPECT_LE(result->output.size(), 128u << 10);
  EXPECT_TRUE(result->output.ends_with("end"));
}

TEST(Subprocess, EndsAtItsTimeLimit) {
  const auto result = run_subprocess({"sleep", "60"}, 1ms, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTimeout);
}

TEST(Subprocess, EndsWhenStopIsRequested) {
  std::stop_source stop;
  stop.request_stop();
  const auto result = run_subprocess({"sleep", "60"}, 60s, stop.get_token());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

TEST(Subprocess, ReportsASignal) {
  const auto result = run_subprocess({"sh", "-c", "kill -9 $$"}, 10s, {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 128 + 9);
}

}  // namespace
}  // namespace katip
