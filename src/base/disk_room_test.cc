#include "base/disk_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"

namespace katip {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(DiskRoom, SaysHowMuchIsMissingAndWhatToDo) {
  const TemporaryFolder folder;
  EXPECT_TRUE(check_disk_room(folder.path(), 0, "make room"));
  const Status status = check_disk_room(folder.path(), std::int64_t{1} << 60, "make room");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(status.error().message,
              AllOf(HasSubstr(folder.path().string()), HasSubstr("are needed and "),
                    EndsWith(" free; make room")));
}

TEST(DiskRoom, AFolderThatIsNotThereHasNone) {
  EXPECT_FALSE(check_disk_room("/nowhere/at/all", 0, "make room"));
}

}  // namespace
}  // namespace katip
