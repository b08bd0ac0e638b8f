#include "cli/exit_code.h"

#include <gtest/gtest.h>

namespace katip::cli {
namespace {

TEST(ExitCode, FollowsTheTableOfErrors) {
  EXPECT_EQ(exit_code(ErrorCode::kInvalidArgument), 2);
  EXPECT_EQ(exit_code(ErrorCode::kTooLarge), 2);
  EXPECT_EQ(exit_code(ErrorCode::kNotFound), 1);
  EXPECT_EQ(exit_code(ErrorCode::kCorruptData), 1);
  EXPECT_EQ(exit_code(ErrorCode::kOverloaded), 75);
  EXPECT_EQ(exit_code(ErrorCode::kUnavailable), 75);
  EXPECT_EQ(exit_code(ErrorCode::kTimeout), 75);
  EXPECT_EQ(exit_code(ErrorCode::kCancelled), 130);
}

}  // namespace
}  // namespace katip::cli
