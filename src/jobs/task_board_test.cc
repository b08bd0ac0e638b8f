#include "jobs/task_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace katip::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kOne = "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a";
constexpr const char* kTwo = "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0b";

TEST(TaskBoard, TellsWhatADeadChildWasAt) {
  auto board = TaskBoard::create();
  ASSERT_TRUE(board) << board.error().message;
  const pid_t child = fork();
  if (child == 0) {
    board->begin(0, kOne);
    board->begin(1, kTwo);
    board->end(0);
    abort();
  }
  waitpid(child, nullptr, 0);
  EXPECT_THAT(board->started(), ElementsAre(kTwo));
  board->clear();
  EXPECT_THAT(board->started(), IsEmpty());
}

TEST(TaskBoard, IgnoresWhatIsNoUuidAndSlotsBeyondItsEnd) {
  auto board = TaskBoard::create();
  ASSERT_TRUE(board);
  board->begin(0, "short");
  board->begin(0, std::string(36, 'x'));
  board->begin(TaskBoard::kSlotCount, kOne);
  EXPECT_THAT(board->started(), IsEmpty());
}

TEST(TaskBoard, OpensOnlyWhatAParentShares) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_FALSE(TaskBoard::open(ends[0]));
  EXPECT_FALSE(TaskBoard::open(-1));
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace katip::jobs
