#include "app/job_watch.h"

#include <fstream>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/submit.h"
#include "app/transcription/window_checkpoints.h"
#include "base/testing/temporary_folder.h"
#include "jobs/testing/queue_fixture.h"
#include "store/task_store.h"

namespace katip::app {
namespace {

using ::testing::ElementsAre;

/// The watch runs on a thread of its own and on the machine's clock: it is what wakes the test.
class JobWatchTest : public jobs::QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    watch_ = std::make_unique<JobWatch>(pool(), system_clock(),
                                        JobWatchOptions{.interval = std::chrono::milliseconds(2)});
    thread_ = std::jthread([this](const std::stop_token& stop) { watch_->run(stop); });
  }
  void TearDown() override { thread_ = {}; }

  Submitted submit() {
    std::ofstream(folder_.path() / "talk.wav") << "sound";
    return jobs::must(submit_recording(queue(), folder_.path() / "data",
                                       {.file = folder_.path() / "talk.wav", .name = "talk.wav"},
                                       {}));
  }
  std::uint64_t listen(const Submitted& job, Parts parts) {
    return watch_->add(job.job_row_id, parts, [this](const JobNews& news) {
      const std::scoped_lock lock(mutex_);
      for (const text::Segment& segment : news.segments) texts_.push_back(segment.text);
      last_ = news;
      ++count_;
    });
  }
  template <typename Condition>
  bool waits_for(Condition condition) {
    for (int i = 0; i < 2'000; ++i) {
      {
        const std::scoped_lock lock(mutex_);
        if (condition()) return true;
      }
      system_clock().sleep_for(std::chrono::milliseconds(5), {});
    }
    return false;
  }
  void finish_window(const store::ClaimedTask& task, int index) {
    engine::Segment segment;
    segment.text = "part " + std::to_string(index);
    engine::WindowDone window;
    window.index = index;
    window.segments = {segment};
    window.next.language = "en";
    jobs::must(queue().with_store(
        [&](store::TaskStore& tasks) -> Status {
          const store::Checkpoint row = to_row({.fingerprint = "f", .run = 1, .window = window});
          KATIP_TRY(tasks.save_checkpoint(task.key, row, queue().now()));
          return {};
        },
        {}));
  }

  TemporaryFolder folder_;
  std::unique_ptr<JobWatch> watch_;
  std::mutex mutex_;
  JobNews last_;
  std::vector<std::string> texts_;
  int count_ = 0;
  std::jthread thread_;
};
KATIP_ON_BOTH_DATABASES(JobWatchTest);

TEST_P(JobWatchTest, TellsHowAJobStandsAndForgetsItAtTheEnd) {
  const Submitted job = submit();
  listen(job, Parts::kNone);
  ASSERT_TRUE(waits_for([&] { return count_ == 1 && last_.status == JobStatus::kQueued; }));
  const auto task = claim(worker("engine"), 1, "engine").front();
  ASSERT_TRUE(waits_for([&] { return last_.status == JobStatus::kProcessing; }));
  EXPECT_FALSE(last_.is_final());
  settle(task, fail(ErrorCode::kInvalidArgument, "no audio stream"));
  ASSERT_TRUE(waits_for([&] { return last_.is_final(); }));
  EXPECT_EQ(last_.status, JobStatus::kFailed);
  EXPECT_EQ(last_.error_code, "INVALID_ARGUMENT");
  EXPECT_EQ(last_.error_message, "no audio stream");
  EXPECT_EQ(count_, 3) << "what has not changed is no news";
  EXPECT_TRUE(waits_for([&] { return watch_->size() == 0; }));
}

TEST_P(JobWatchTest, FinishedWindowsAreToldOnceAndInOrder) {
  const Submitted job = submit();
  const auto task = claim(worker("engine"), 1, "engine").front();
  finish_window(task, 0);
  listen(job, Parts::kSegments);
  ASSERT_TRUE(waits_for([&] { return texts_.size() == 1; }));
  finish_window(task, 1);
  finish_window(task, 2);
  ASSERT_TRUE(waits_for([&] { return texts_.size() == 3; }));
  EXPECT_THAT(texts_, ElementsAre("part 0", "part 1", "part 2"));
}

TEST_P(JobWatchTest, AJobThatIsNotThereIsGone) {
  listen(
      {.job_id = "job_x", .job_row_id = "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a", .task_id = "none"},
      Parts::kNone);
  ASSERT_TRUE(waits_for([&] { return last_.is_gone; }));
  EXPECT_TRUE(last_.is_final());
}

TEST_P(JobWatchTest, WhoIsRemovedHearsNothingMore) {
  const Submitted job = submit();
  const std::uint64_t id = listen(job, Parts::kNone);
  const std::uint64_t other = listen(job, Parts::kNone);
  EXPECT_NE(id, other);
  ASSERT_TRUE(waits_for([&] { return count_ == 2; }));
  watch_->remove(id);
  watch_->remove(id);
  EXPECT_EQ(watch_->size(), 1U);
  jobs::must(queue().cancel(job.task_id, {}));
  ASSERT_TRUE(waits_for([&] { return last_.status == JobStatus::kCancelled; }));
  EXPECT_EQ(count_, 3);
}

}  // namespace
}  // namespace katip::app
