#include "app/expiry_task.h"

#include <fstream>

#include <gmock/gmock.h>

#include "app/uploads.h"
#include "base/testing/temporary_folder.h"
#include "jobs/testing/no_lease.h"
#include "jobs/testing/queue_fixture.h"
#include "store/job_store.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ExpiryTest : public jobs::QueueFixture {
 protected:
  std::string run() {
    store::ClaimedTask task;
    jobs::NoLease lease;
    jobs::TaskContext context{.task = task, .lease = lease, .stop = {}};
    return jobs::must(expiry_handler(queue(), folder_.path())(context)).json.value_or("");
  }
  /// A job that has ended, with its file.
  void add_job(int number, std::chrono::hours keep_for) {
    const std::string id = "019a0000-0000-7000-8000-00000000000" + std::to_string(number);
    const fs::path file = folder_.path() / ("media" + std::to_string(number));
    std::ofstream(file) << "sound";
    const auto sql = jobs::must(pool().acquire({}));
    jobs::must(store::insert_job(*sql, {.id = id,
                                        .job_id = "job_" + std::to_string(number),
                                        .media_key = file.filename().string(),
                                        .created_at = queue().now(),
                                        .expires_at = queue().now() + keep_for}));
    EXPECT_TRUE(jobs::must(store::cancel_job(*sql, id, queue().now())));
  }

  TemporaryFolder folder_;
};
KATIP_ON_BOTH_DATABASES(ExpiryTest);

TEST_P(ExpiryTest, DeletesJobsAndUploadsWhoseTimeHasComeAndTheirFiles) {
  add_job(1, std::chrono::hours(1));
  add_job(2, std::chrono::hours(99));
  Uploads uploads(pool(), clock(), rng(), folder_.path(), {.keep_for = std::chrono::hours(1)});
  const Upload upload =
      jobs::must(uploads.create({.owner = "ada"}, {.size = 10, .file_name = "a.wav"}, {}));
  EXPECT_TRUE(fs::exists(uploads.path_of(upload)));
  EXPECT_THAT(run(), HasSubstr(R"("deleted_jobs":0,"deleted_uploads":0)"));
  clock().advance(std::chrono::hours(2));
  EXPECT_THAT(run(), HasSubstr(R"("deleted_jobs":1,"deleted_uploads":1)"));
  EXPECT_FALSE(fs::exists(folder_.path() / "media1"));
  EXPECT_TRUE(fs::exists(folder_.path() / "media2"));
  EXPECT_FALSE(fs::exists(uploads.path_of(upload)));
}

}  // namespace
}  // namespace katip::app
