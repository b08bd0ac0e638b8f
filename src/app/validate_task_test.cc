#include "app/validate_task.h"

#include <fstream>

#include <gmock/gmock.h>

#include "app/submit.h"
#include "base/testing/temporary_folder.h"
#include "jobs/testing/no_lease.h"
#include "jobs/testing/queue_fixture.h"
#include "store/job_store.h"

namespace katip::app {
namespace {

using jobs::must;
using ::testing::HasSubstr;

class ValidateTest : public jobs::QueueFixture {
 protected:
  Submitted submit() {
    const auto file = folder_.path() / "upload";
    std::ofstream(file) << "sound";
    Submission submission{.file = file,
                          .name = "talk.mp3",
                          .tenant = "ayşe",
                          .priority = 9,
                          .request_id = "req-1",
                          .bytes = Bytes::kMove,
                          .check = Check::kFirst};
    submission.args.options.language = "tr";
    return must(submit_recording(queue(), folder_.path(), submission, {}));
  }
  store::JobRecord job(const Submitted& submitted) {
    const auto sql = must(pool().acquire({}));
    return must(store::find_job(*sql, submitted.job_row_id)).value();
  }
  void run(Probe probe) {
    const auto task = claim(worker()).at(0);
    jobs::NoLease lease;
    jobs::TaskContext context{task, lease, {}};
    auto result = validate_handler(queue(), folder_.path(), std::move(probe))(context);
    jobs::Outcome outcome{.task = task, .status = {}};
    if (result) {
      outcome.effect = result->effect;
    } else {
      outcome.status = std::unexpected(result.error());
    }
    EXPECT_TRUE(must(queue().settle(std::span(&outcome, 1), {})).at(0));
  }
  TemporaryFolder folder_;
};
KATIP_ON_BOTH_DATABASES(ValidateTest);

TEST_P(ValidateTest, ARecordingIsTranscribedBehindIt) {
  const Submitted submitted = submit();
  EXPECT_EQ(record(submitted.task_id).kind, kValidateKind);
  EXPECT_EQ(record(submitted.task_id).queue, "critical");
  EXPECT_EQ(job(submitted).priority, 9);
  EXPECT_TRUE(claim(worker("engine"), 1, "engine").empty()) << "it does not stand in line yet";
  std::filesystem::path seen;
  run([&seen](const std::filesystem::path& path, std::stop_token) {
    seen = path;
    return audio::MediaInfo{.container = "mp3"};
  });
  EXPECT_TRUE(std::filesystem::exists(seen));
  EXPECT_EQ(job(submitted).status, store::JobStatus::kQueued);
  EXPECT_FALSE(job(submitted).started_at) << "waiting is counted until the transcription begins";
  const auto next = claim(worker("engine"), 1, "engine").at(0);
  EXPECT_EQ(next.kind, "transcription.process");
  EXPECT_EQ(next.queue, "high");
  EXPECT_EQ(next.priority, 9);
  EXPECT_EQ(next.tenant, "ayşe");
  EXPECT_EQ(next.job_id, submitted.job_row_id);
  EXPECT_EQ(next.request_id, "req-1");
  EXPECT_EQ(must(parse_transcription_args(next.args)).options.language, "tr");
}

TEST_P(ValidateTest, WhatIsNoRecordingFailsItsJobAtOnce) {
  const Submitted submitted = submit();
  run([](const std::filesystem::path&, std::stop_token) -> Result<audio::MediaInfo> {
    return fail(ErrorCode::kInvalidArgument, "talk.mp3 is not audio");
  });
  EXPECT_EQ(job(submitted).status, store::JobStatus::kFailed);
  EXPECT_THAT(job(submitted).error_message.value_or(""), HasSubstr("talk.mp3 is not audio"));
  EXPECT_TRUE(claim(worker("engine"), 1, "engine").empty());
}

TEST_P(ValidateTest, ADecoderThatIsAwayForAMomentCostsNoJob) {
  const Submitted submitted = submit();
  run([](const std::filesystem::path&, std::stop_token) -> Result<audio::MediaInfo> {
    return fail(ErrorCode::kUnavailable, "the decoder could not be started");
  });
  EXPECT_EQ(state(submitted.task_id), "retryable");
  EXPECT_EQ(job(submitted).status, store::JobStatus::kQueued);
}

TEST_P(ValidateTest, ArgsFromElsewhereLeadNowhere) {
  for (const char* args :
       {"{}", R"({"transcription":{"job_id":"a","source":"../x"}})",
        R"({"transcription":{"job_id":"a","source":"media/../../x"}})", R"({"transcription":5})"}) {
    const std::string id = put({.kind = kValidateKind, .args = args});
    run([](const std::filesystem::path& path, std::stop_token) -> Result<audio::MediaInfo> {
      ADD_FAILURE() << path;
      return audio::MediaInfo{};
    });
    EXPECT_EQ(state(id), "discarded") << args;
  }
}

}  // namespace
}  // namespace katip::app
