#include "base/atomic_file.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/testing/temporary_folder.h"

namespace katip {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  std::size_t file_count() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(AtomicFileTest, IsThereOnlyAfterCommit) {
  const fs::path target = folder_ / "a.txt";
  auto file = AtomicFile::create(target);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("hello"));
  EXPECT_FALSE(fs::exists(target));
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(read_whole_file(target, 100), "hello");
  EXPECT_EQ(file_count(), 1u);
}

TEST_F(AtomicFileTest, LeavesTheOldFileAndNothingElseWhenAbandoned) {
  const fs::path target = folder_ / "a.txt";
  ASSERT_TRUE(write_file_atomically(target, "old"));
  {
    auto file = AtomicFile::create(target);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half of the n"));
  }
  EXPECT_EQ(read_whole_file(target, 100), "old");
  EXPECT_EQ(file_count(), 1u);
}

TEST_F(AtomicFileTest, SaysWhichFolderIsMissing) {
  const Status status = write_file_atomically(folder_ / "no" / "a.txt", "x");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kNotFound);
  EXPECT_NE(status.error().message.find("no/a.txt"), std::string::npos);
}

TEST_F(AtomicFileTest, GivesTheUsualPermissions) {
  const mode_t before = ::umask(022);
  ASSERT_TRUE(write_file_atomically(folder_ / "a.txt", "x"));
  ::umask(before);
  struct stat info{};
  ASSERT_EQ(::stat((folder_ / "a.txt").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0644u);
}

TEST_F(AtomicFileTest, ReadsFilesUpToTheLimitAndNoFurther) {
  ASSERT_TRUE(write_file_atomically(folder_ / "empty", ""));
  EXPECT_EQ(read_whole_file(folder_ / "empty", 0), "");
  ASSERT_TRUE(write_file_atomically(folder_ / "big", std::string(200'000, 'x')));
  EXPECT_EQ(read_whole_file(folder_ / "big", 200'000)->size(), 200'000u);
  EXPECT_EQ(read_whole_file(folder_ / "big", 199'999).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(read_whole_file(folder_ / "none", 10).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(read_whole_file(folder_, 10)) << "a folder has no bytes";
}

TEST_F(AtomicFileTest, FoldersAreMadeAndSizesTold) {
  const fs::path file = folder_ / "a" / "b" / "file";
  EXPECT_EQ(size_of(file), -1);
  ASSERT_TRUE(make_folder(file.parent_path()));
  EXPECT_TRUE(make_folder(file.parent_path())) << "it is there already";
  ASSERT_TRUE(write_file_atomically(file, "four"));
  EXPECT_EQ(size_of(file), 4);
  EXPECT_EQ(size_of(file.parent_path()), -1) << "a folder is no file";
  const Status status = make_folder(file / "below");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(status.error().message.find(file.string()), std::string::npos);
}

}  // namespace
}  // namespace katip
