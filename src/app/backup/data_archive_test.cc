#include "app/backup/data_archive.h"

#include <fstream>

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;

class DataArchiveTest : public ::testing::Test {
 protected:
  DataArchiveTest() {
    fs::create_directories(data_ / "profiles");
    fs::create_directories(out_);
  }
  static void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
  /// An archive as a stranger may make it.
  void forge(const char* name, int type, const char* link = nullptr) const {
    archive* writer = archive_write_new();
    archive_write_set_format_ustar(writer);
    archive_write_open_filename(writer, tar_.c_str());
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, static_cast<unsigned>(type));
    archive_entry_set_perm(entry, 0600);
    archive_entry_set_size(entry, 0);
    if (link != nullptr) archive_entry_set_symlink(entry, link);
    archive_write_header(writer, entry);
    archive_entry_free(entry);
    archive_write_free(writer);
  }

  TemporaryFolder folder_;
  fs::path data_ = folder_.path() / "data";
  fs::path out_ = folder_.path() / "out";
  fs::path tar_ = folder_.path() / "files.tar";
};

TEST_F(DataArchiveTest, GivesBackProfilesAndStateAndNothingElse) {
  put(data_ / "profiles" / "ayse.json", R"({"theme": "dark"})");
  put(data_ / "profiles" / ".lock", "");
  put(data_ / "profiles" / "x.json.AbCdEf.tmp", "half");
  put(data_ / "state.json", "{}");
  put(data_ / "katip.db", "not this one");
  fs::create_symlink("/etc/passwd", data_ / "profiles" / "link.json");
  ASSERT_TRUE(write_data_archive(data_, tar_, {}));
  ASSERT_TRUE(read_data_archive(tar_, out_, {}));
  EXPECT_EQ(read_whole_file(out_ / "profiles" / "ayse.json", 99).value(), R"({"theme": "dark"})");
  EXPECT_EQ(read_whole_file(out_ / "state.json", 99).value(), "{}");
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(out_)) count += entry.is_regular_file();
  EXPECT_EQ(count, 2);
}

TEST_F(DataArchiveTest, AnEmptyDataFolderIsAnEmptyArchive) {
  ASSERT_TRUE(write_data_archive(folder_.path() / "none", tar_, {}));
  ASSERT_TRUE(read_data_archive(tar_, out_, {}));
  EXPECT_TRUE(fs::is_empty(out_));
}

TEST_F(DataArchiveTest, RefusesNamesThatLeadOutOfIt) {
  for (const char* name : {"../evil", "/tmp/evil", "profiles/../../evil", "katip.db"}) {
    forge(name, AE_IFREG);
    const Status status = read_data_archive(tar_, out_, {});
    ASSERT_FALSE(status) << name;
    EXPECT_EQ(status.error().code, ErrorCode::kCorruptData);
  }
  EXPECT_FALSE(fs::exists(folder_.path() / "evil"));
}

TEST_F(DataArchiveTest, RefusesLinks) {
  forge("profiles/x.json", AE_IFLNK, "/etc/passwd");
  EXPECT_FALSE(read_data_archive(tar_, out_, {}));
}

TEST_F(DataArchiveTest, RefusesWhatIsCutOff) {
  put(data_ / "state.json", std::string(100'000, 'x'));
  ASSERT_TRUE(write_data_archive(data_, tar_, {}));
  fs::resize_file(tar_, 50'000);
  EXPECT_FALSE(read_data_archive(tar_, out_, {}));
}

}  // namespace
}  // namespace katip::app
