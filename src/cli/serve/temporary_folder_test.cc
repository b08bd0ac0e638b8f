#include "cli/serve/temporary_folder.h"

#include <fstream>
#include <optional>

#include <gtest/gtest.h>

namespace katip::cli {
namespace {

namespace fs = std::filesystem;

TEST(TemporaryFolder, IsLeftAloneWhileItsServerLivesAndClearedAwayAfterwards) {
  const fs::path parent = fs::temp_directory_path() / "katip_temporary_folder_test";
  fs::remove_all(parent);
  auto first = std::optional(*TemporaryFolder::create(parent));
  std::ofstream(first->path() / "coming") << "bytes";
  fs::create_directories(parent / "server-dead1");
  const auto second = TemporaryFolder::create(parent);
  ASSERT_TRUE(second);
  EXPECT_TRUE(fs::exists(first->path() / "coming"));
  EXPECT_NE(first->path(), second->path());
  EXPECT_FALSE(fs::exists(parent / "server-dead1"));
  const fs::path was = first->path();
  first.reset();
  EXPECT_FALSE(fs::exists(was));
  fs::remove_all(parent);
}

TEST(TemporaryFolder, AFolderThatCannotBeMadeIsAClearError) {
  const auto folder = TemporaryFolder::create("/proc/katip");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace katip::cli
