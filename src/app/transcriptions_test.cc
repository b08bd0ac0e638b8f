#include "app/transcriptions.h"

#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "jobs/testing/queue_fixture.h"
#include "store/job_store.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class TranscriptionsTest : public jobs::QueueFixture {
 protected:
  void SetUp() override {
    QueueFixture::SetUp();
    watch_ = std::make_unique<JobWatch>(pool(), system_clock(),
                                        JobWatchOptions{.interval = std::chrono::milliseconds(2)});
    transcriptions_ = std::make_unique<Transcriptions>(queue(), *watch_, folder_.path() / "data");
    thread_ = std::jthread([this](const std::stop_token& stop) { watch_->run(stop); });
    file_ = folder_.path() / "upload";
    std::ofstream(file_) << "sound";
  }
  void TearDown() override { thread_ = {}; }

  Result<Submitted> start(const Principal& principal) {
    LiveObserver observer;
    observer.on_done = [this](Result<Transcript> transcript) {
      const std::scoped_lock lock(mutex_);
      EXPECT_FALSE(done_) << "it ends once only";
      done_ = std::move(transcript);
    };
    return transcriptions_->start(principal, file_,
                                  {.name = "talk.wav",
                                   .media_type = "audio/wav",
                                   .sha256 = std::string(64, 'a'),
                                   .request_id = "r-1"},
                                  std::move(observer), {});
  }
  std::optional<Result<Transcript>> wait() {
    for (int i = 0; i < 2'000; ++i) {
      {
        const std::scoped_lock lock(mutex_);
        if (done_) return done_;
      }
      system_clock().sleep_for(std::chrono::milliseconds(5), {});
    }
    return std::nullopt;
  }
  store::JobRecord job(const Submitted& submitted) {
    const auto connection = jobs::must(pool().acquire({}));
    return jobs::must(store::find_job_by_job_id(*connection, submitted.job_id)).value();
  }

  TemporaryFolder folder_;
  fs::path file_;
  std::unique_ptr<JobWatch> watch_;
  std::unique_ptr<Transcriptions> transcriptions_;
  std::mutex mutex_;
  std::optional<Result<Transcript>> done_;
  std::jthread thread_;
};
KATIP_ON_BOTH_DATABASES(TranscriptionsTest);

TEST_P(TranscriptionsTest, GoesThroughTheQueueBeforeWhatNobodyWaitsFor) {
  const Submitted submitted =
      jobs::must(start({.kind = PrincipalKind::kUser, .id = "u", .owner = "ada"}));
  EXPECT_FALSE(fs::exists(file_)) << "the bytes were moved, not copied";
  const store::JobRecord made = job(submitted);
  EXPECT_EQ(made.submitted_by, "ada");
  EXPECT_EQ(made.source_name, "talk.wav");
  EXPECT_EQ(made.media_type, "audio/wav");
  EXPECT_EQ(made.media_sha256, std::string(64, 'a'));
  EXPECT_EQ(record(submitted.task_id).queue, "critical");
}

TEST_P(TranscriptionsTest, TellsWhyItFailed) {
  jobs::must(start({}));
  settle(claim(worker("engine"), 1, "engine").front(),
         fail(ErrorCode::kInvalidArgument, "no audio stream"));
  const auto done = wait();
  ASSERT_TRUE(done);
  ASSERT_FALSE(*done);
  EXPECT_EQ(done->error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(done->error().message, "no audio stream");
}

TEST_P(TranscriptionsTest, GivesTheTranscriptOfACompletedJob) {
  const Submitted submitted = jobs::must(start({}));
  claim(worker("engine"), 1, "engine");
  {
    const auto connection = jobs::must(pool().acquire({}));
    ASSERT_TRUE(jobs::must(store::complete_job(
        *connection, submitted.job_row_id,
        {.transcript =
             R"({"task":"transcribe","language":"english","duration":1.5,"text":"Hello.",)"
             R"("segments":[{"id":0,"seek":0,"start":0.0,"end":1.0,"text":"Hello.","tokens":[],)"
             R"("temperature":0.0,"avg_logprob":0.0,"compression_ratio":1.0,)"
             R"("no_speech_prob":0.0}]})",
         .text = "Hello."},
        queue().now())));
  }
  const auto done = wait();
  ASSERT_TRUE(done);
  ASSERT_TRUE(*done) << done->error().message;
  EXPECT_EQ((*done)->duration_ms, 1'500);
  EXPECT_EQ(write_transcript(**done, Format::kText, {}).value(), "Hello.\n");
}

TEST_P(TranscriptionsTest, WhatNobodyWaitsForIsCancelled) {
  const Submitted submitted = jobs::must(start({}));
  transcriptions_->abandon(submitted);
  const auto done = wait();
  ASSERT_TRUE(done);
  ASSERT_FALSE(*done);
  EXPECT_EQ(done->error().code, ErrorCode::kCancelled);
  transcriptions_->abandon(submitted);
}

TEST_P(TranscriptionsTest, AFileThatIsNotThereIsAnErrorAtOnce) {
  fs::remove(file_);
  EXPECT_EQ(start({}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(watch_->size(), 0U);
}

}  // namespace
}  // namespace katip::app
