#include "engine/model/mapped_file.h"

#include <utility>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/testing/temporary_folder.h"
#include "engine/model/testing/random_model_files.h"

namespace katip::engine {
namespace {

using test_model::write_file;

TEST(MappedFile, GivesTheBytesOfTheFile) {
  const TemporaryFolder folder;
  write_file(folder.path() / "a", "hello");
  const auto file = MappedFile::open(folder.path() / "a");
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->text(), "hello");
}

TEST(MappedFile, OfAnEmptyFileIsEmpty) {
  const TemporaryFolder folder;
  write_file(folder.path() / "a", "");
  const auto file = MappedFile::open(folder.path() / "a");
  ASSERT_TRUE(file.has_value());
  EXPECT_TRUE(file->bytes().empty());
  file->release(file->bytes());
}

TEST(MappedFile, StaysValidWhenMoved) {
  const TemporaryFolder folder;
  write_file(folder.path() / "a", "first");
  write_file(folder.path() / "b", "second");
  auto first = MappedFile::open(folder.path() / "a").value();
  auto second = MappedFile::open(folder.path() / "b").value();
  const std::string_view text = first.text();
  second = std::move(first);
  const MappedFile third(std::move(second));
  EXPECT_EQ(third.text().data(), text.data());
  EXPECT_EQ(third.text(), "first");
}

TEST(MappedFile, ReleasedPagesAreReadAgain) {
  const TemporaryFolder folder;
  const std::string content(100'000, 'x');
  write_file(folder.path() / "a", content);
  const auto file = MappedFile::open(folder.path() / "a").value();
  EXPECT_EQ(file.text(), content);
  file.release(file.bytes().subspan(1000, 90'000));
  EXPECT_EQ(file.text(), content);
}

TEST(MappedFile, OfAMissingFileIsNotFound) {
  const TemporaryFolder folder;
  const auto file = MappedFile::open(folder.path() / "missing");
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
  EXPECT_NE(file.error().message.find("missing"), std::string::npos);
}

TEST(MappedFile, RefusesFoldersAndPipesWithoutWaiting) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  for (const auto& path : {folder.path(), folder.path() / "pipe"}) {
    const auto file = MappedFile::open(path);
    ASSERT_FALSE(file.has_value()) << path;
    EXPECT_EQ(file.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace katip::engine
