#include "app/media_shelf.h"

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/manual_clock.h"
#include "base/testing/temporary_folder.h"
#include "media/file_blobs.h"
#include "media/s3_blobs.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Two machines with one bucket, which is a folder here: the suite of media runs on S3.
class MediaShelfTest : public ::testing::Test {
 protected:
  MediaShelf machine(const char* name, std::int64_t cache_size_max = 1'000) {
    fs::create_directories(folder_.path() / name / "media");
    return {folder_.path() / name, *bucket_, {.cache_size_max = cache_size_max}};
  }
  static void arrive(const MediaShelf& shelf, const std::string& key, const std::string& bytes) {
    ASSERT_TRUE(write_file_atomically(shelf.path_of(key), bytes));
  }
  static void age(const MediaShelf& shelf, const std::string& key, std::chrono::minutes age) {
    fs::last_write_time(shelf.path_of(key), fs::file_time_type::clock::now() - age);
  }
  static std::string read(const fs::path& path) { return read_whole_file(path, 1'000).value(); }
  bool is_in_bucket(const std::string& key) { return bucket_->find(key, {}).value().has_value(); }

  TemporaryFolder folder_;
  std::unique_ptr<media::FileBlobs> bucket_ =
      media::FileBlobs::open(folder_.path() / "bucket").value();
};

TEST_F(MediaShelfTest, AFolderAloneKeepsWhatIsInIt) {
  const MediaShelf shelf = folder_.path();
  fs::create_directories(folder_.path() / "media");
  arrive(shelf, "media/a.mp3", "sound");
  EXPECT_TRUE(shelf.keep("media/a.mp3", {}, {}));
  EXPECT_EQ(read(shelf.find("media/a.mp3", {}).value()), "sound");
  EXPECT_EQ(shelf.download_url("media/a.mp3", {}).value(), std::nullopt);
  EXPECT_TRUE(shelf.remove("media/a.mp3", {}));
  EXPECT_TRUE(shelf.remove("media/a.mp3", {}));
  EXPECT_EQ(shelf.find("media/a.mp3", {}).error().code, ErrorCode::kNotFound);
}

TEST_F(MediaShelfTest, WhatOneMachineKeepsAnotherFinds) {
  const MediaShelf here = machine("here");
  const MediaShelf there = machine("there");
  arrive(here, "media/a.mp3", "sound");
  ASSERT_TRUE(here.keep("media/a.mp3", "audio/mpeg", {}));
  EXPECT_EQ(read(there.find("media/a.mp3", {}).value()), "sound");
  EXPECT_EQ(there.find("media/b.mp3", {}).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(there.remove("media/a.mp3", {}));
  EXPECT_FALSE(is_in_bucket("media/a.mp3"));
  EXPECT_FALSE(fs::exists(there.path_of("media/a.mp3")));
}

TEST_F(MediaShelfTest, CopiesThatWereNotUsedForLongestGiveWay) {
  const MediaShelf shelf = machine("here", 20);
  for (const char* key : {"media/a", "media/b"}) {
    arrive(shelf, key, "0123456789");
    ASSERT_TRUE(shelf.keep(key, {}, {}));
  }
  age(shelf, "media/a", 60min);
  age(shelf, "media/b", 30min);
  ASSERT_TRUE(shelf.find("media/a", {})) << "used again";
  arrive(shelf, "media/c", "0123456789");
  ASSERT_TRUE(shelf.keep("media/c", {}, {}));
  EXPECT_TRUE(fs::exists(shelf.path_of("media/a")));
  EXPECT_FALSE(fs::exists(shelf.path_of("media/b")));
  EXPECT_TRUE(fs::exists(shelf.path_of("media/c")));
  EXPECT_EQ(read(shelf.find("media/b", {}).value()), "0123456789") << "from the bucket";
}

TEST_F(MediaShelfTest, WhatTheBucketDoesNotHaveNeverGivesWay) {
  const MediaShelf shelf = machine("here", 5);
  arrive(shelf, "media/old", "from before there was a bucket");
  arrive(shelf, "media/half", "whole");
  ASSERT_TRUE(bucket_->put_file("media/half", shelf.path_of("media/old"), {}, {}));
  age(shelf, "media/old", 99min);
  age(shelf, "media/half", 99min);
  arrive(shelf, "media/new", "0123456789");
  ASSERT_TRUE(shelf.keep("media/new", {}, {}));
  EXPECT_TRUE(fs::exists(shelf.path_of("media/old")));
  EXPECT_TRUE(fs::exists(shelf.path_of("media/half"))) << "the bucket has something else";
  EXPECT_TRUE(fs::exists(shelf.path_of("media/new"))) << "it has just come";
}

TEST(MediaShelfOriginTest, IsOfTheBucketWhenBrowsersAreSentThere) {
  media::S3Options options{.url = "s3://recordings", .endpoint = "https://s3.example:9000"};
  options.access_key = "key";
  options.secret_key = Secret("secret");
  ManualClock clock;
  const auto bucket = media::S3Blobs::open(options, clock, system_rng()).value();
  const auto origin = [&](MediaDelivery delivery) {
    return MediaShelf("/data", *bucket, {.delivery = delivery}).download_origin();
  };
  EXPECT_EQ(origin(MediaDelivery::kRedirect), "https://s3.example:9000");
  EXPECT_EQ(origin(MediaDelivery::kThroughUs), std::nullopt);
  EXPECT_EQ(MediaShelf("/data").download_origin(), std::nullopt);
}

}  // namespace
}  // namespace katip::app
