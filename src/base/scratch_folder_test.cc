#include "base/scratch_folder.h"

#include <fstream>
#include <optional>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"

namespace katip {
namespace {

namespace fs = std::filesystem;

TEST(ScratchFolder, IsNewEachTimeAndForItsOwnerAlone) {
  const TemporaryFolder parent;
  const auto first = ScratchFolder::make(parent.path(), ".making-");
  const auto second = ScratchFolder::make(parent.path(), ".making-");
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->path(), second->path());
  EXPECT_EQ(first->path().parent_path(), parent.path());
  EXPECT_TRUE(first->path().filename().string().starts_with(".making-"));
  EXPECT_EQ(fs::status(first->path()).permissions(), fs::perms::owner_all);
}

TEST(ScratchFolder, GoesAwayWithEverythingInItOnce) {
  const TemporaryFolder parent;
  fs::path path;
  {
    std::optional<ScratchFolder> moved;
    {
      auto folder = ScratchFolder::make(parent.path(), "a-");
      ASSERT_TRUE(folder);
      path = folder->path();
      moved.emplace(*std::move(folder));
    }
    EXPECT_TRUE(fs::is_directory(path)) << "it has another owner now";
    fs::create_directories(path / "below");
    std::ofstream(path / "below" / "dump") << "what people said";
    fs::create_symlink(parent.path(), path / "elsewhere");
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(fs::exists(parent.path())) << "what a link leads to stays";
}

TEST(ScratchFolder, SaysWhereNoneCanBeMade) {
  const TemporaryFolder parent;
  const auto folder = ScratchFolder::make(parent.path() / "missing", "a-");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::kNotFound);
  EXPECT_NE(folder.error().message.find("missing"), std::string::npos);
}

}  // namespace
}  // namespace katip
