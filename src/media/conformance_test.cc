#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"
#include "media/blob_store.h"
#include "media/file_blobs.h"
#include "media/s3_blobs.h"
#include "media/testing/s3_server.h"

/// Every backend of BlobStore passes these tests: a new one adds itself to the list at the end.
namespace katip::media {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Backend {
  const char* name;
  bool is_there;
  std::function<std::unique_ptr<BlobStore>(const TemporaryFolder&)> make;
};

std::unique_ptr<BlobStore> make_files(const TemporaryFolder& folder) {
  return FileBlobs::open(folder.path() / "blobs").value();
}

/// One server for all tests, a prefix for each.
std::unique_ptr<BlobStore> make_s3(const TemporaryFolder& folder) {
  static const testing::S3Server server = [] { return testing::S3Server(); }();
  static const bool is_ready = (server.wait(), true);
  EXPECT_TRUE(is_ready);
  S3Options options = server.options();
  options.url += "/" + folder.path().filename().string();
  return S3Blobs::open(options, system_clock(), system_rng()).value();
}

BlobSource source_of(std::string bytes, std::size_t piece = 1 << 20) {
  auto rest = std::make_shared<std::string>(std::move(bytes));
  return [rest, piece](std::span<char> buffer) -> Result<std::size_t> {
    const std::size_t count = std::min({buffer.size(), rest->size(), piece});
    std::copy_n(rest->begin(), count, buffer.begin());
    rest->erase(0, count);
    return count;
  };
}

class BlobConformance : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (!GetParam().is_there) {
      GTEST_SKIP() << "no S3 server here; tools/setup_s3_server builds one";
    }
    blobs_ = GetParam().make(folder_);
  }
  BlobStore& blobs() { return *blobs_; }
  std::filesystem::path file(const char* name) const { return folder_.path() / name; }

  Result<BlobInfo> put(std::string_view key, const std::string& bytes) {
    return blobs().put(key, source_of(bytes), {}, {});
  }
  Result<std::string> read(std::string_view key, ByteRange range = {}) {
    std::string bytes;
    const auto sink = [&bytes](std::string_view piece) {
      bytes += piece;
      return Status();
    };
    KATIP_TRY(blobs().read(key, range, sink, {}));
    return bytes;
  }
  std::vector<std::string> keys(std::string_view prefix, std::string_view after = "",
                                int count_max = 100) {
    std::vector<std::string> keys;
    for (const BlobInfo& blob : blobs().list(prefix, after, count_max, {}).value().blobs) {
      keys.push_back(blob.key);
    }
    return keys;
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<BlobStore> blobs_;
};

TEST_P(BlobConformance, WhatIsPutIsThere) {
  EXPECT_EQ(blobs().find("a/b.txt", {}).value(), std::nullopt);
  EXPECT_EQ(read("a/b.txt").error().code, ErrorCode::kNotFound);
  const BlobInfo info = put("a/b.txt", "merhaba").value();
  EXPECT_EQ(info.key, "a/b.txt");
  EXPECT_EQ(info.size, 7);
  EXPECT_EQ(read("a/b.txt"), "merhaba");
  const auto found = blobs().find("a/b.txt", {}).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size, 7);
  EXPECT_EQ(found->version, info.version);
  const auto age = system_clock().calendar() - found->modified_at;
  EXPECT_LT(std::chrono::abs(age), std::chrono::minutes(1));
}

TEST_P(BlobConformance, AnEmptyBlobIsABlob) {
  ASSERT_TRUE(put("empty", ""));
  EXPECT_EQ(read("empty"), "");
  EXPECT_EQ(read("empty", {.first = 0, .count = 5}), "");
  EXPECT_EQ(read("empty", {.first = 1}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(blobs().find("empty", {}).value()->size, 0);
}

TEST_P(BlobConformance, ABlobOfManyPartsComesBackByteForByte) {
  std::string bytes;
  for (std::int64_t i = 0; bytes.size() < (12 << 20) + 345; ++i) {
    bytes += fmt::format("{:x},", i * 7919);
  }
  ASSERT_TRUE(blobs().put("large", source_of(bytes, 777'777), {}, {}));
  EXPECT_TRUE(read("large").value() == bytes);
  EXPECT_EQ(read("large", {.first = (5 << 20) - 3, .count = 7}), bytes.substr((5 << 20) - 3, 7));
}

TEST_P(BlobConformance, ABlobOfExactlySomePartsIsWhole) {
  const std::string bytes(10 << 20, 'x');
  ASSERT_TRUE(blobs().put("exact", source_of(bytes), {.size = 10 << 20}, {}));
  EXPECT_EQ(blobs().find("exact", {}).value()->size, 10 << 20);
}

TEST_P(BlobConformance, ARangeIsThatPartAndNoMore) {
  ASSERT_TRUE(put("digits", "0123456789"));
  EXPECT_EQ(read("digits", {.first = 0, .count = 1}), "0");
  EXPECT_EQ(read("digits", {.first = 4, .count = 3}), "456");
  EXPECT_EQ(read("digits", {.first = 7}), "789");
  EXPECT_EQ(read("digits", {.first = 8, .count = 100}), "89");
  for (const ByteRange range :
       {ByteRange{.first = 10}, ByteRange{.first = -1}, ByteRange{.first = 11, .count = 1},
        ByteRange{.first = 1, .count = 0}}) {
    EXPECT_EQ(read("digits", range).error().code, ErrorCode::kInvalidArgument) << range.first;
  }
}

TEST_P(BlobConformance, TheLastPutWins) {
  const BlobInfo first = put("k", "one").value();
  const BlobInfo second = put("k", "two and more").value();
  EXPECT_NE(first.version, second.version);
  EXPECT_EQ(read("k"), "two and more");
}

TEST_P(BlobConformance, WhatIsRemovedIsGone) {
  ASSERT_TRUE(put("k", "x"));
  EXPECT_TRUE(blobs().remove("k", {}));
  EXPECT_EQ(blobs().find("k", {}).value(), std::nullopt);
  EXPECT_TRUE(blobs().remove("k", {})) << "and again";
  EXPECT_TRUE(blobs().remove("never/was/there", {}));
}

TEST_P(BlobConformance, ASourceOfAnotherSizeLeavesWhatWasThere) {
  ASSERT_TRUE(put("k", "old"));
  for (const std::int64_t size : {2, 4, 100, 20 << 20}) {
    EXPECT_EQ(blobs().put("k", source_of("new"), {.size = size}, {}).error().code,
              ErrorCode::kCorruptData);
  }
  const std::string large(11 << 20, 'y');
  for (const std::int64_t size : {(11 << 20) - 1, (11 << 20) + 1, 7 << 20}) {
    EXPECT_EQ(blobs().put("k", source_of(large), {.size = size}, {}).error().code,
              ErrorCode::kCorruptData);
  }
  EXPECT_EQ(read("k"), "old");
}

TEST_P(BlobConformance, ASourceThatBreaksLeavesWhatWasThere) {
  ASSERT_TRUE(put("k", "old"));
  int count = 0;
  const auto breaks = [&](std::span<char> buffer) -> Result<std::size_t> {
    if (++count == 9) return fail(ErrorCode::kTooLarge, "enough");
    return std::min<std::size_t>(buffer.size(), 1 << 20);
  };
  EXPECT_EQ(blobs().put("k", breaks, {}, {}).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(read("k"), "old");
  EXPECT_THAT(keys(""), ElementsAre("k"));
}

TEST_P(BlobConformance, ASinkThatHasEnoughEndsTheReading) {
  ASSERT_TRUE(put("k", "bytes"));
  const auto enough = [](std::string_view) { return Status(fail(ErrorCode::kTooLarge, "enough")); };
  EXPECT_EQ(blobs().read("k", {}, enough, {}).error().code, ErrorCode::kTooLarge);
}

TEST_P(BlobConformance, AListIsInOrderAndComesInPages) {
  for (const char* key : {"b/2", "a", "b/1", "b-1", "b/1.x", "c/d/e", "B"}) {
    ASSERT_TRUE(put(key, key)) << key;
  }
  EXPECT_THAT(keys(""), ElementsAre("B", "a", "b-1", "b/1", "b/1.x", "b/2", "c/d/e"));
  EXPECT_THAT(keys("b/"), ElementsAre("b/1", "b/1.x", "b/2"));
  EXPECT_THAT(keys("b/1"), ElementsAre("b/1", "b/1.x"));
  EXPECT_THAT(keys("c/d"), ElementsAre("c/d/e"));
  EXPECT_THAT(keys("x"), IsEmpty());
  const BlobPage first = blobs().list("b", "", 2, {}).value();
  EXPECT_TRUE(first.has_more);
  EXPECT_THAT(keys("b", first.blobs.back().key), ElementsAre("b/1.x", "b/2"));
  EXPECT_FALSE(blobs().list("b", "b/1", 3, {}).value().has_more);
  EXPECT_EQ(first.blobs.front().size, 3);
  EXPECT_EQ(blobs().list("", "", 0, {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(blobs().list("", "", 1'001, {}).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(BlobConformance, NoKeyLeadsAnywhere) {
  for (const std::string& key :
       {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"),
        std::string("../a"), std::string("a/../b"), std::string("a/.hidden"), std::string("a b"),
        std::string("ağaç"), std::string("a\0b", 3), std::string("a?b"), std::string(513, 'a')}) {
    EXPECT_EQ(put(key, "x").error().code, ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(read(key).error().code, ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(blobs().find(key, {}).error().code, ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(blobs().remove(key, {}).error().code, ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(blobs().download_url(key, {}).error().code, ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(blobs().local_path(key), std::nullopt) << key;
  }
  EXPECT_TRUE(put(std::string(100, 'a') + "/" + std::string(100, 'b'), "x"));
}

TEST_P(BlobConformance, FilesGoInAndOut) {
  ASSERT_TRUE(write_file_atomically(file("in"), "from a file"));
  EXPECT_EQ(blobs().put_file("f", file("in"), {}, {}).value().size, 11);
  EXPECT_EQ(blobs().fetch("f", file("out"), {}).value().size, 11);
  EXPECT_EQ(read_whole_file(file("out"), 100), "from a file");
  EXPECT_EQ(blobs().put_file("f", file("absent"), {}, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(blobs().fetch("absent", file("out2"), {}).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(file("out2")));
}

TEST_P(BlobConformance, AStopEndsIt) {
  ASSERT_TRUE(put("k", "x"));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(blobs().put("k", source_of("y"), {}, stop.get_token()).error().code,
            ErrorCode::kCancelled);
  const auto sink = [](std::string_view) { return Status(); };
  EXPECT_EQ(blobs().read("k", {}, sink, stop.get_token()).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(read("k"), "x");
}

TEST_P(BlobConformance, ManyAtOnceDoNotMixUp) {
  std::atomic<int> problem_count = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < 10; ++round) {
          const std::string bytes = fmt::format("{} of {}", round, i);
          const std::string key = fmt::format("t/{}", i);
          if (!put(key, bytes) || read(key) != bytes) ++problem_count;
        }
      });
    }
  }
  EXPECT_EQ(problem_count, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Backends, BlobConformance,
    ::testing::Values(
        Backend{.name = "Files", .is_there = true, .make = &make_files},
        Backend{.name = "S3", .is_there = !testing::S3Server::program().empty(), .make = &make_s3}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace katip::media
