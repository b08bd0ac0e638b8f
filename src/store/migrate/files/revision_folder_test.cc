#include "store/migrate/files/revision_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"

namespace katip::store::migrate {
namespace {

using ::testing::ElementsAre;

class RevisionFolder : public ::testing::Test {
 protected:
  void add(const std::string& path, const std::string& id) {
    std::filesystem::create_directories((folder_.path() / path).parent_path());
    ASSERT_TRUE(write_file_atomically(folder_.path() / path, "-- revision: " + id + "\n"));
  }
  std::vector<std::string> ids(Depth depth) {
    const auto files = read_revision_folders({folder_.path(), folder_.path()}, depth);
    std::vector<std::string> ids;
    for (const RevisionFile& file : files.value()) ids.push_back(file.id);
    return ids;
  }
  TemporaryFolder folder_;
};

TEST_F(RevisionFolder, IsReadInTheOrderOfNamesAndOnlyOnce) {
  add("b.sql", "02");
  add("a.sql", "01");
  add("sub/c.sql", "03");
  add(".hidden.sql", "04");
  add("notes.txt", "05");
  add("schema.sqlite.sql", "06");
  EXPECT_THAT(ids(Depth::kFlat), ElementsAre("01", "02"));
  EXPECT_THAT(ids(Depth::kRecursive), ElementsAre("01", "02", "03"));
}

TEST_F(RevisionFolder, ThatIsMissingOrHoldsAWrongFileIsAnError) {
  EXPECT_EQ(read_revision_folders({folder_.path() / "no"}, Depth::kFlat).error().code,
            ErrorCode::kNotFound);
  ASSERT_TRUE(write_file_atomically(folder_.path() / "x.sql", "select 1;"));
  EXPECT_FALSE(read_revision_folders({folder_.path()}, Depth::kFlat));
}

}  // namespace
}  // namespace katip::store::migrate
