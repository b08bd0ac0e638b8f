#include "app/uploads.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "base/testing/temporary_folder.h"
#include "jobs/testing/queue_fixture.h"
#include "store/job_store.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using jobs::must;

class UploadsTest : public jobs::QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    uploads_ = std::make_unique<Uploads>(
        pool(), clock(), rng(), folder_.path(),
        UploadOptions{.size_max = 1'000, .keep_for = std::chrono::hours(1)});
  }
  Upload create(std::optional<std::int64_t> size, bool is_part = false) {
    return must(uploads_->create(ada_,
                                 {.size = size,
                                  .file_name = "talk.mp4",
                                  .media_type = "video/mp4",
                                  .notes = {.is_part = is_part}},
                                 {}));
  }
  Result<Upload> write(const std::string& id, std::int64_t offset, std::string_view bytes) {
    auto writer = uploads_->open(ada_, id, offset, {});
    if (!writer) return std::unexpected(writer.error());
    if (const Status written = (*writer)->write(bytes); !written) {
      return std::unexpected(written.error());
    }
    return (*writer)->finish();
  }
  std::string stored(const Upload& upload) {
    std::ostringstream text;
    text << std::ifstream(uploads_->path_of(upload)).rdbuf();
    return text.str();
  }
  static ErrorCode code_of(const auto& result) {
    return result ? ErrorCode::kInternal : result.error().code;
  }

  const Principal ada_{.kind = PrincipalKind::kUser, .owner = "ada"};
  TemporaryFolder folder_;
  std::unique_ptr<Uploads> uploads_;
};
KATIP_ON_BOTH_DATABASES(UploadsTest);

TEST_P(UploadsTest, AnOwnerHoldsSoMuchAndTheDiskStaysUsable) {
  uploads_ =
      std::make_unique<Uploads>(pool(), clock(), rng(), folder_.path(),
                                UploadOptions{.keep_for = std::chrono::hours(1), .quota = 20});
  const Principal other{.kind = PrincipalKind::kUser, .owner = "other"};
  EXPECT_EQ(must(uploads_->shortage(ada_, 20, {})), std::nullopt);
  EXPECT_THAT(must(uploads_->shortage(ada_, 21, {})),
              ::testing::Optional(::testing::HasSubstr("uploads.quota_mb")));
  const Upload told_later = create(std::nullopt);
  must(write(told_later.id, 0, "01234"));
  const Upload announced = create(15);
  EXPECT_EQ(must(uploads_->shortage(ada_, 0, {})), std::nullopt);
  EXPECT_NE(must(uploads_->shortage(ada_, 1, {})), std::nullopt);
  EXPECT_EQ(must(uploads_->shortage(other, 20, {})), std::nullopt);
  must(uploads_->remove(ada_, announced.id, {}));
  EXPECT_EQ(must(uploads_->shortage(ada_, 15, {})), std::nullopt);
  clock().advance(std::chrono::hours(2));
  EXPECT_EQ(must(uploads_->shortage(ada_, 20, {})), std::nullopt) << "what has expired is none";

  Uploads careful(pool(), clock(), rng(), folder_.path(),
                  UploadOptions{.free_size_min = 1LL << 60});
  EXPECT_THAT(must(careful.shortage(ada_, 0, {})),
              ::testing::Optional(::testing::HasSubstr("uploads.free_mb_min")));
}

TEST_P(UploadsTest, ARequestWithoutBytesKeepsNothingLonger) {
  const Upload upload = create(10);
  must(write(upload.id, 0, "01234"));
  const Upload before = must(uploads_->find(ada_, upload.id, {}));
  clock().advance(std::chrono::minutes(30));
  EXPECT_EQ(must(write(upload.id, 5, "")).expires_at, before.expires_at);
  EXPECT_GT(must(write(upload.id, 5, "5")).expires_at, before.expires_at);
  const Upload empty = create(std::nullopt);
  must(uploads_->set_size(ada_, empty.id, 0, {}));
  EXPECT_EQ(must(write(empty.id, 0, "")).status, UploadStatus::kCompleted);
}

TEST_P(UploadsTest, GrowsPieceByPieceUntilItIsComplete) {
  const Upload upload = create(10);
  EXPECT_EQ(must(write(upload.id, 0, "01234")).received_size, 5);
  EXPECT_EQ(code_of(write(upload.id, 0, "x")), ErrorCode::kConflict);
  EXPECT_EQ(code_of(write(upload.id, 5, "567890")), ErrorCode::kTooLarge);
  const Upload whole = must(write(upload.id, 5, "56789"));
  EXPECT_EQ(whole.status, UploadStatus::kCompleted);
  EXPECT_EQ(stored(whole), "0123456789");
}

TEST_P(UploadsTest, OneWritesAtATimeAndWhatIsDiscardedIsNotKept) {
  const Upload upload = create(10);
  {
    const auto writer = must(uploads_->open(ada_, upload.id, 0, {}));
    EXPECT_EQ(code_of(uploads_->open(ada_, upload.id, 0, {})), ErrorCode::kOverloaded);
    must(writer->write("wrong"));
    writer->discard();
    EXPECT_EQ(must(writer->finish()).received_size, 0);
  }
  must(write(upload.id, 0, "right"));
  EXPECT_EQ(stored(upload), "right");
}

TEST_P(UploadsTest, AnotherServerOnTheSameFileIsKeptOut) {
  const Upload upload = create(10);
  Uploads other(pool(), clock(), rng(), folder_.path(), {});
  const auto writer = must(uploads_->open(ada_, upload.id, 0, {}));
  EXPECT_EQ(code_of(other.open(ada_, upload.id, 0, {})), ErrorCode::kOverloaded);
}

TEST_P(UploadsTest, BelongsToWhoeverMadeIt) {
  const Upload upload = create(10);
  const Principal eve{.kind = PrincipalKind::kUser, .owner = "eve"};
  EXPECT_EQ(code_of(uploads_->find(eve, upload.id, {})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(uploads_->open(eve, upload.id, 0, {})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(uploads_->remove(eve, upload.id, {})), ErrorCode::kNotFound);
  EXPECT_TRUE(uploads_->find({.sees_all = true}, upload.id, {}));
}

TEST_P(UploadsTest, IsGoneWhenItsTimeHasCome) {
  const Upload upload = create(10);
  clock().advance(std::chrono::minutes(50));
  must(write(upload.id, 0, "a"));  // Its time begins anew.
  clock().advance(std::chrono::minutes(50));
  EXPECT_TRUE(uploads_->find(ada_, upload.id, {}));
  clock().advance(std::chrono::minutes(11));
  EXPECT_EQ(code_of(uploads_->find(ada_, upload.id, {})), ErrorCode::kNotFound);
  EXPECT_EQ(must(delete_expired_uploads(pool(), clock(), folder_.path(), {})), 1);
  EXPECT_FALSE(fs::exists(uploads_->path_of(upload)));
}

TEST_P(UploadsTest, PartsAreJoinedWhenAllAreThere) {
  const Upload first = create(3, true);
  const Upload second = create(3, true);
  must(write(first.id, 0, "abc"));
  EXPECT_EQ(code_of(uploads_->join(ada_, {first.id, second.id}, {}, {})), ErrorCode::kConflict);
  must(write(second.id, 0, "def"));
  const Upload joined = must(uploads_->join(ada_, {second.id, first.id}, {}, {}));
  EXPECT_EQ(joined.status, UploadStatus::kCompleted);
  EXPECT_EQ(stored(joined), "defabc");
}

TEST_P(UploadsTest, WhatWasJoinedTakesNoBytesAndWhatWasNotedIsKept) {
  const Upload part = create(3, true);
  must(write(part.id, 0, "abc"));
  const UploadNotes notes{.joined_from = "final;/" + part.id,
                          .description = "filename cGFydGlhbA=="};
  const Upload joined = must(uploads_->join(ada_, {part.id}, {.notes = notes}, {}));
  EXPECT_EQ(parse_upload_notes(joined.metadata), notes);
  for (const std::int64_t offset : {0, 3}) {
    EXPECT_EQ(code_of(uploads_->open(ada_, joined.id, offset, {})), ErrorCode::kPermissionDenied);
  }
  EXPECT_EQ(code_of(uploads_->set_size(ada_, joined.id, 9, {})), ErrorCode::kPermissionDenied);
  EXPECT_EQ(stored(joined), "abc");
  EXPECT_EQ(code_of(uploads_->join(ada_, {joined.id}, {}, {})), ErrorCode::kConflict)
      << "it is no part itself";
}

TEST_P(UploadsTest, BecomesARecordingOnce) {
  const Upload upload = create(1);
  const Upload whole = must(write(upload.id, 0, "x"));
  const std::string job = "019a0000-0000-7000-8000-000000000001";
  const auto sql = must(pool().acquire({}));
  must(store::insert_job(*sql, {.id = job, .job_id = "job_1", .created_at = queue().now()}));
  EXPECT_TRUE(uploads_->use(*sql, whole, job));
  EXPECT_EQ(code_of(uploads_->use(*sql, whole, job)), ErrorCode::kConflict);
}

TEST_P(UploadsTest, TooMuchAndNothingAtAllHaveTheirAnswers) {
  EXPECT_EQ(code_of(uploads_->create(ada_, {.size = 1'001}, {})), ErrorCode::kTooLarge);
  EXPECT_EQ(create(0).status, UploadStatus::kCompleted);
  const Upload open_end = create({});
  EXPECT_EQ(code_of(uploads_->set_size(ada_, open_end.id, 1'001, {})), ErrorCode::kTooLarge);
  must(uploads_->set_size(ada_, open_end.id, 5, {}));
  EXPECT_EQ(code_of(uploads_->set_size(ada_, open_end.id, 6, {})), ErrorCode::kConflict);
}

}  // namespace
}  // namespace katip::app
