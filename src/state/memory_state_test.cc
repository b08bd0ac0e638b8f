#include "state/memory_state.h"

#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/manual_clock.h"

namespace katip::state {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class MemoryStateTest : public ::testing::Test {
 protected:
  void TearDown() override { fs::remove(file_); }
  ManualClock clock_;
  fs::path file_ = fs::path(::testing::TempDir()) / ("katip_state_" + std::to_string(getpid()));
};

TEST_F(MemoryStateTest, OutlivesItsProcess) {
  MemoryState before(clock_);
  ASSERT_TRUE(before.set("text", "çağrı\n", {}));
  ASSERT_TRUE(before.set("short", "x", 1s));
  ASSERT_TRUE(before.add("number", 7, 1h));
  ASSERT_TRUE(before.start_cooldown("cooldown", 1h));
  ASSERT_TRUE(before.save(file_));
  clock_.advance(10min);
  MemoryState after(clock_);
  ASSERT_TRUE(after.load(file_));
  EXPECT_EQ(after.get("text").value()->value, "çağrı\n");
  EXPECT_EQ(after.get("short").value(), std::nullopt) << "its time went on while nobody ran";
  EXPECT_EQ(after.add("number", 1, {}).value(), 8);
  EXPECT_EQ(after.get("number").value()->ends_in, 50min);
  EXPECT_FALSE(after.start_cooldown("cooldown", 1h).value().is_started);
}

TEST_F(MemoryStateTest, NoFileIsNoProblemAndAForeignOneIsSaid) {
  MemoryState state(clock_);
  EXPECT_TRUE(state.load(file_));
  for (const char* text :
       {"", "[]", "{}", R"({"state": 5})", R"({"state": [5]})", R"({"state": [{"key": "a"}]})",
        R"({"state": [{"key": "a", "text": "x", "ends_at_ms": "x"}]})"}) {
    std::ofstream(file_) << text;
    EXPECT_EQ(state.load(file_).error().code, ErrorCode::kCorruptData) << text;
  }
}

TEST_F(MemoryStateTest, RoomIsBoundedAndMadeByWhatHasEnded) {
  MemoryState state(clock_, {.key_count_max = 2});
  ASSERT_TRUE(state.set("a", "1", 1s));
  ASSERT_TRUE(state.set("b", "1", {}));
  EXPECT_EQ(state.set("c", "1", {}).error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(state.set("b", "2", {})) << "in the place of one that is there";
  clock_.advance(1s);
  EXPECT_TRUE(state.set("c", "1", {}));
  MemoryState small(clock_, {.size_max = 1'000});
  EXPECT_EQ(small.set("a", std::string(1'000, 'x'), {}).error().code, ErrorCode::kTooLarge);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(small.set("a", std::string(500, 'x'), {}));
}

}  // namespace
}  // namespace katip::state
