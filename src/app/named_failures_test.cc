#include "app/named_failures.h"

#include <gtest/gtest.h>

#include "jobs/testing/no_lease.h"
#include "jobs/testing/queue_fixture.h"
#include "store/job_store.h"

namespace katip::app {
namespace {

using jobs::must;

constexpr const char* kId = "019a0000-0000-7000-8000-000000000001";

class NamedFailuresTest : public jobs::QueueFixture {
 protected:
  void add_job(std::optional<std::string> name) {
    const auto sql = must(pool().acquire({}));
    must(store::insert_job(*sql, {.id = kId,
                                  .job_id = std::string("job_") + kId,
                                  .source_name = std::move(name),
                                  .created_at = queue().now()}));
  }
  /// What is told of a task of the job that failed so; each @ stands for the id.
  std::string told(std::string message, std::optional<std::string> job_id = kId) {
    for (std::size_t at = 0; (at = message.find('@')) != message.npos;) message.replace(at, 1, kId);
    const auto handler = with_known_names(
        queue(), [&](jobs::TaskContext&) { return fail(ErrorCode::kInvalidArgument, message); });
    store::ClaimedTask task;
    task.job_id = std::move(job_id);
    jobs::NoLease lease;
    jobs::TaskContext context{.task = task, .lease = lease, .stop = {}};
    const auto result = handler(context);
    EXPECT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    return result.error().message;
  }
};
KATIP_ON_BOTH_DATABASES(NamedFailuresTest);

TEST_P(NamedFailuresTest, TheFileIsCalledAsItsPeopleCallIt) {
  add_job("Toplantı 3.mp4");
  EXPECT_EQ(told("@.mp4: no audio track"), "Toplantı 3.mp4: no audio track");
  EXPECT_EQ(told("@: empty"), "Toplantı 3.mp4: empty");
  EXPECT_EQ(told("cannot open `/var/lib/katip/media/@.mp4.part`."),
            "cannot open `Toplantı 3.mp4`.");
  EXPECT_EQ(told("the recording media/@.mp4 is gone, media/@.mp4"),
            "the recording Toplantı 3.mp4 is gone, Toplantı 3.mp4");
  EXPECT_EQ(told("there is no media/@."), "there is no Toplantı 3.mp4.");
}

TEST_P(NamedFailuresTest, OtherWordsStay) {
  add_job("talk.mp4");
  EXPECT_EQ(told(""), "");
  EXPECT_EQ(told("the disk is full"), "the disk is full");
  EXPECT_EQ(told("job_@ is cancelled"), std::string("job_") + kId + " is cancelled");
  EXPECT_EQ(told("@.mp4", std::nullopt), std::string(kId) + ".mp4");
  EXPECT_EQ(told("@.mp4", "019a0000-0000-7000-8000-000000000002"), std::string(kId) + ".mp4");
}

TEST_P(NamedFailuresTest, NamesFromOutsideBreakNoLine) {
  add_job("a\nb\x1b[2J" + std::string(400, 'x'));
  const std::string message = told("@.mp4: broken");
  EXPECT_TRUE(message.starts_with("a b [2Jxxx")) << message;
  EXPECT_LT(message.size(), 220U);
}

TEST_P(NamedFailuresTest, OneWithoutANameIsARecording) {
  add_job(std::nullopt);
  EXPECT_EQ(told("@.mp4: broken"), "the recording: broken");
}

}  // namespace
}  // namespace katip::app
