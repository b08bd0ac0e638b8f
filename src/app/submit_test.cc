#include "app/submit.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/jobs.h"
#include "base/testing/temporary_folder.h"
#include "jobs/testing/queue_fixture.h"
#include "store/job_store.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;

class SubmitTest : public jobs::QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    file_ = folder_.path() / "talk.mp4";
    std::ofstream(file_) << "sound";
  }
  Result<Submitted> submit(std::string name = "talk.mp4") {
    return submit_recording(queue(), folder_.path() / "data",
                            {.file = file_, .name = std::move(name)}, {});
  }
  store::JobRecord job(const std::string& job_id) {
    const auto connection = jobs::must(pool().acquire({}));
    return jobs::must(store::find_job_by_job_id(*connection, job_id)).value();
  }
  std::size_t file_count() {
    std::error_code error;
    const fs::path folder = folder_.path() / "data" / "media";
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder, error), fs::directory_iterator()));
  }

  TemporaryFolder folder_;
  fs::path file_;
};
KATIP_ON_BOTH_DATABASES(SubmitTest);

TEST_P(SubmitTest, KeepsTheBytesAndMakesAJobWithItsTask) {
  const Submitted submitted = jobs::must(submit());
  const store::JobRecord made = job(submitted.job_id);
  EXPECT_EQ(made.status, store::JobStatus::kQueued);
  EXPECT_EQ(made.source_name, "talk.mp4");
  EXPECT_EQ(made.file_size, 5);
  EXPECT_EQ(made.priority, 7);
  EXPECT_TRUE(fs::exists(folder_.path() / "data" / *made.media_key)) << *made.media_key;
  EXPECT_TRUE(made.media_key->ends_with(".mp4"));
  EXPECT_EQ(state(submitted.task_id), "available");
}

TEST_P(SubmitTest, AJobEndsSoLongAfterItCame) {
  const Submission submission{.file = file_, .keep_for = std::chrono::hours(36)};
  const Submitted submitted =
      jobs::must(submit_recording(queue(), folder_.path() / "data", submission, {}));
  const store::JobRecord made = job(submitted.job_id);
  EXPECT_EQ(made.expires_at, made.created_at + std::chrono::hours(36));
  EXPECT_EQ(job(jobs::must(submit()).job_id).expires_at, std::nullopt);
}

TEST_P(SubmitTest, ANameFromOutsideLeadsNowhere) {
  for (const char* name :
       {"../../etc/passwd", "a.b/../../c", "x.$(id)", "", "x.averylongextension"}) {
    const store::JobRecord made = job(jobs::must(submit(name)).job_id);
    EXPECT_TRUE(made.media_key->starts_with("media/")) << *made.media_key;
    EXPECT_EQ(made.media_key->find('/', 6), std::string::npos) << *made.media_key;
  }
}

TEST_P(SubmitTest, NothingIsLeftOfASubmissionThatFailed) {
  EXPECT_EQ(submit_recording(queue(), folder_.path() / "data",
                             {.file = folder_.path() / "none.mp4", .name = "none.mp4"}, {})
                .error()
                .code,
            ErrorCode::kNotFound);
  jobs::must(queue().with_store(
      [&](store::TaskStore& tasks) {
        return tasks.set_queue_mode("high", "draining", "test", queue().now());
      },
      {}));
  EXPECT_EQ(submit().error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(file_count(), 0U);
}

TEST_P(SubmitTest, AJobFollowsItsTask) {
  const Submitted submitted = jobs::must(submit());
  const std::string me = worker("engine");
  clock().advance(std::chrono::seconds(3));
  const auto task = claim(me, 1, "engine").front();
  EXPECT_EQ(job(submitted.job_id).status, store::JobStatus::kProcessing);
  EXPECT_NEAR(job(submitted.job_id).queue_wait_s.value(), 3.0, 0.01);
  settle(task, fail(ErrorCode::kInvalidArgument, "no audio stream"));
  EXPECT_EQ(job(submitted.job_id).status, store::JobStatus::kFailed);
  EXPECT_EQ(job(submitted.job_id).error_code, "INVALID_ARGUMENT");
  EXPECT_EQ(job(submitted.job_id).error_message, "no audio stream");
  jobs::must(queue().revive(submitted.task_id, {}));
  EXPECT_EQ(job(submitted.job_id).status, store::JobStatus::kQueued);
  EXPECT_EQ(job(submitted.job_id).error_code, std::nullopt);
  jobs::must(queue().cancel(submitted.task_id, {}));
  EXPECT_EQ(job(submitted.job_id).status, store::JobStatus::kCancelled);
}

TEST_P(SubmitTest, AJobOfAQuarantinedTaskHasFailed) {
  const Submitted submitted = jobs::must(submit());
  for (int i = 0; i < 3; ++i) {
    const std::string me = worker("engine");
    if (i == 0) {
      claim(me, 1, "engine");
    } else {
      jobs::must(queue().claim_alone({.worker_id = me, .worker_kind = "engine"}, {}));
    }
    bury(me);
    jobs::must(queue().rescue({}, {}));
  }
  EXPECT_EQ(state(submitted.task_id), "quarantined");
  EXPECT_EQ(job(submitted.job_id).status, store::JobStatus::kFailed);
}

class SubmitAgainTest : public SubmitTest {
 protected:
  /// A recording whose job has ended.
  store::JobRecord ended() {
    const Submitted submitted = jobs::must(submit());
    const auto task = claim(worker("engine"), 1, "engine").front();
    settle(task, fail(ErrorCode::kInvalidArgument, "no speech"));
    return job(submitted.job_id);
  }
  Result<Submitted> again(const store::JobRecord& first) {
    return submit_again(queue(), first.id,
                        {.name = "talk.mp4", .args = {.model = "small"}, .tags = {"second"}}, {});
  }
  void remove(const std::string& job_id) {
    Principal all;
    all.sees_all = true;
    jobs::must(Jobs(queue(), folder_.path() / "data").remove(all, job_id, {}));
  }
};
KATIP_ON_BOTH_DATABASES(SubmitAgainTest);

TEST_P(SubmitAgainTest, TheSameRecordingIsTranscribedByAnotherJob) {
  const store::JobRecord first = ended();
  const Submitted submitted = jobs::must(again(first));
  const store::JobRecord second = job(submitted.job_id);
  EXPECT_EQ(second.status, store::JobStatus::kQueued);
  EXPECT_EQ(second.media_key, first.media_key);
  EXPECT_EQ(second.file_size, 5);
  EXPECT_NE(second.options.find("small"), std::string::npos);
  EXPECT_EQ(second.tags, std::vector<std::string>{"second"});
  EXPECT_EQ(state(submitted.task_id), "available");
  EXPECT_EQ(file_count(), 1U) << "nothing was copied";
}

TEST_P(SubmitAgainTest, TheRecordingGoesWithTheLastOfThem) {
  const store::JobRecord first = ended();
  const std::string second = jobs::must(again(first)).job_id;
  remove(first.job_id);
  EXPECT_EQ(file_count(), 1U) << "the other one still has it";
  remove(second);
  EXPECT_EQ(file_count(), 0U);
}

TEST_P(SubmitAgainTest, ItIsRefusedWhileTheFirstRunsAndWhenItIsGone) {
  const store::JobRecord running = job(jobs::must(submit()).job_id);
  EXPECT_EQ(again(running).error().code, ErrorCode::kConflict);
  const store::JobRecord first = ended();
  remove(first.job_id);
  EXPECT_EQ(again(first).error().code, ErrorCode::kNotFound);
}

TEST_P(SubmitAgainTest, WhatIsDeletedByItsTimeLeavesTheOtherItsSound) {
  const store::JobRecord first = ended();
  jobs::must(again(first));
  const auto sql = jobs::must(pool().acquire({}));
  jobs::must(store::set_job_expiry(*sql, first.id, queue().now(), queue().now()));
  const auto gone = jobs::must(store::delete_expired_jobs(*sql, queue().now(), 10));
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].media_key, std::nullopt);
}

}  // namespace
}  // namespace katip::app
