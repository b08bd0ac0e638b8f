#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/job_store.h"
#include "store/upload_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;
constexpr const char* kUpload = "019a0000-0000-7000-8000-000000000001";
constexpr const char* kJob = "019a0000-0000-7000-8000-000000000002";

class UploadsConformance : public SchemaConformance {
 protected:
  void add(std::optional<std::int64_t> size) const {
    must(insert_upload(sql(), {.id = kUpload,
                               .size = size,
                               .file_name = "talk.mp4",
                               .storage_key = "uploads/1",
                               .submitted_by = "ada",
                               .created_at = kNow,
                               .expires_at = kNow + 24h}));
  }
  UploadRecord get() const { return *must(find_upload(sql(), kUpload)); }
  bool advance(std::int64_t from, std::int64_t to) const {
    return must(advance_upload(sql(), kUpload, from, to, kNow + 1s, kNow + 25h));
  }
};
KATIP_CONFORMANCE(UploadsConformance);

TEST_P(UploadsConformance, GrowsToItsSizeAndIsThenComplete) {
  add(100);
  EXPECT_EQ(get().file_name, "talk.mp4");
  EXPECT_TRUE(advance(0, 60));
  EXPECT_EQ(get().received_size, 60);
  EXPECT_EQ(get().status, UploadStatus::kReceiving);
  EXPECT_EQ(get().expires_at, kNow + 25h);
  EXPECT_FALSE(advance(0, 70)) << "somebody who has an old size must not move it";
  EXPECT_TRUE(advance(60, 100));
  EXPECT_EQ(get().status, UploadStatus::kCompleted);
  EXPECT_FALSE(advance(100, 100));
}

TEST_P(UploadsConformance, LearnsItsSizeOnce) {
  add({});
  EXPECT_TRUE(advance(0, 10));
  EXPECT_FALSE(must(set_upload_size(sql(), kUpload, 5, kNow))) << "less than what is here";
  EXPECT_TRUE(must(set_upload_size(sql(), kUpload, 20, kNow)));
  EXPECT_FALSE(must(set_upload_size(sql(), kUpload, 30, kNow)));
  EXPECT_EQ(get().size, 20);
}

TEST_P(UploadsConformance, IsUsedOnceAndWhenItIsComplete) {
  must(insert_job(sql(), {.id = kJob, .job_id = "job_1", .created_at = kNow}));
  add(10);
  EXPECT_FALSE(must(use_upload(sql(), kUpload, kJob, kNow)));
  EXPECT_TRUE(advance(0, 10));
  EXPECT_TRUE(must(use_upload(sql(), kUpload, kJob, kNow)));
  EXPECT_FALSE(must(use_upload(sql(), kUpload, kJob, kNow)));
}

TEST_P(UploadsConformance, GoesWhenItsTimeHasCome) {
  add(10);
  EXPECT_TRUE(must(delete_expired_uploads(sql(), kNow + 23h, 10)).empty());
  const auto gone = must(delete_expired_uploads(sql(), kNow + 24h, 10));
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(gone[0].storage_key, "uploads/1");
  EXPECT_FALSE(must(find_upload(sql(), kUpload)));
  EXPECT_FALSE(must(find_upload(sql(), "no id")));
  EXPECT_FALSE(must(delete_upload(sql(), kUpload)));
}

}  // namespace
}  // namespace katip::store
