#include "base/file_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/testing/temporary_folder.h"

namespace katip {
namespace {

namespace fs = std::filesystem;

class FileLockTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::optional<FileLock> take(FileLockKind kind) const {
    return FileLock::try_take(folder_ / "lock", kind).value();
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(FileLockTest, IsSharedByManyOrHadByOne) {
  auto first = take(FileLockKind::kShared);
  auto second = take(FileLockKind::kShared);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(take(FileLockKind::kExclusive));
  first.reset();
  EXPECT_FALSE(take(FileLockKind::kExclusive));
  second.reset();
  const auto alone = take(FileLockKind::kExclusive);
  ASSERT_TRUE(alone);
  EXPECT_FALSE(take(FileLockKind::kShared));
  EXPECT_FALSE(take(FileLockKind::kExclusive));
}

TEST_F(FileLockTest, NeedsAFolder) {
  const auto lock = FileLock::try_take(folder_ / "none" / "lock", FileLockKind::kShared);
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace katip
