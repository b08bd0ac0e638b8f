#include "app/jobs.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/submit.h"
#include "app/testing/record_fixture.h"

namespace katip::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class JobsTest : public RecordFixture {
 protected:
  Jobs jobs() { return {queue(), folder_.path()}; }
  /// A job of Ayşe that waits for a worker.
  Submitted submit() {
    const fs::path file = folder_.path() / "talk.mp4";
    std::ofstream(file) << "sound";
    const Submitted submitted = jobs::must(
        submit_recording(queue(), folder_.path(), {.file = file, .name = "talk.mp4"}, {}));
    const auto sql = jobs::must(pool().acquire({}));
    jobs::must(
        sql->query("update jobs set submitted_by = 'ayşe' where job_id = $1", {submitted.job_id}));
    return submitted;
  }
  std::size_t count(const Principal& principal, const JobQuery& query = {}) {
    return jobs::must(jobs().list(principal, query, {})).jobs.size();
  }
};
KATIP_ON_BOTH_DATABASES(JobsTest);

TEST_P(JobsTest, EverybodySeesTheirOwnAndTheAdminSeesAll) {
  const std::string mine = completed("ayşe");
  completed("ali");
  EXPECT_EQ(count(ayse()), 1U);
  EXPECT_EQ(count(admin()), 2U);
  EXPECT_EQ(count(ayse(), {.filter = {.submitted_by = "ali"}}), 0U);
  EXPECT_EQ(count(admin(), {.filter = {.submitted_by = "ali"}}), 1U);
  EXPECT_EQ(jobs::must(jobs().get(ayse(), mine, {})).job_id, mine);
  for (const std::string& id : {mine, std::string("job_none"), std::string("a\0b", 3),
                                std::string("\xFF"), std::string(5000, 'x'), std::string()}) {
    const auto job = jobs().get(ali(), id, {});
    ASSERT_FALSE(job);
    EXPECT_EQ(job.error().code, ErrorCode::kNotFound);
    EXPECT_EQ(job.error().message, "there is no such job") << "nobody learns what others have";
  }
}

TEST_P(JobsTest, NoUseCaseShowsTheJobOfSomebodyElse) {
  const std::string mine = completed("ayşe");
  const std::string waiting = submit().job_id;
  const Principal other = ali();
  const auto not_found = ErrorCode::kNotFound;
  EXPECT_EQ(code(jobs().transcript(other, mine, text::Format::kText, {}, {})), not_found);
  EXPECT_EQ(code(jobs().media(other, waiting, {})), not_found);
  EXPECT_EQ(code(jobs().cancel(other, waiting, {})), not_found);
  EXPECT_EQ(code(jobs().retry(other, waiting, {})), not_found);
  EXPECT_EQ(code(jobs().remove(other, mine, {})), not_found);
  EXPECT_TRUE(jobs::must(jobs().search(other, {.filter = {.search = "cümle"}}, {})).hits.empty());
  EXPECT_TRUE(
      jobs::must(jobs().statistics(other, queue().now() - std::chrono::hours(1), {})).empty());
  EXPECT_EQ(count(ayse()), 2U) << "nothing happened to them";
}

TEST_P(JobsTest, PagesHaveAnEnd) {
  for (int i = 0; i < 5; ++i) {
    completed("ayşe");
    clock().advance(std::chrono::seconds(1));
  }
  std::vector<std::string> seen;
  JobQuery query{.count_max = 2};
  do {
    const JobList page = jobs::must(jobs().list(ayse(), query, {}));
    for (const Job& job : page.jobs) seen.push_back(job.job_id);
    query.cursor = page.next_cursor;
  } while (query.cursor);
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater<>()));
  EXPECT_EQ(code(jobs().list(ayse(), {.cursor = "nonsense"}, {})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(jobs().list(ayse(), {.count_max = 201}, {})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(jobs().list(ayse(), {.count_max = 0}, {})), ErrorCode::kInvalidArgument);
}

TEST_P(JobsTest, ATranscriptComesInEveryFormat) {
  const std::string id = completed("ayşe");
  for (const text::Format format : text::formats()) {
    const auto file = jobs::must(jobs().transcript(ayse(), id, format, {}, {}));
    EXPECT_FALSE(file.bytes.empty());
    EXPECT_EQ(file.file_name, "Toplantı." + std::string(text::file_extension(format)));
    EXPECT_EQ(file.version, 1);
  }
  EXPECT_EQ(jobs::must(jobs().transcript(ayse(), id, text::Format::kText, {}, {})).bytes,
            "Toplantı kubernetis ile başladı.\nİkinci cümle.\n");
  const auto early = jobs().transcript(ayse(), submit().job_id, text::Format::kText, {}, {});
  EXPECT_EQ(code(early), ErrorCode::kConflict);
}

TEST_P(JobsTest, SearchShowsWhereItFits) {
  completed("ayşe");
  const JobHits hits = jobs::must(jobs().search(ayse(), {.filter = {.search = "KUBERNETİS"}}, {}));
  ASSERT_EQ(hits.hits.size(), 1U);
  const store::Snippet& snippet = hits.hits[0].snippet;
  ASSERT_EQ(snippet.matches.size(), 1U);
  EXPECT_EQ(snippet.text.substr(snippet.matches[0].begin,
                                snippet.matches[0].end - snippet.matches[0].begin),
            "kubernetis");
  EXPECT_EQ(code(jobs().search(ayse(), {}, {})), ErrorCode::kInvalidArgument);
}

TEST_P(JobsTest, HowLongItStaysIsCountedFromWhenItCame) {
  const std::string id = completed("ayşe");
  const Job job = jobs::must(jobs().change(ayse(), id, {.keep_for = std::chrono::hours(24)}, {}));
  EXPECT_EQ(job.expires_at, job.created_at + std::chrono::hours(24));
  EXPECT_EQ(jobs::must(jobs().change(ayse(), id, {.name = "Meclis"}, {})).expires_at,
            job.expires_at)
      << "what is not named stays";
  const JobChange for_ever{.keep_for = std::optional<std::chrono::seconds>()};
  EXPECT_EQ(jobs::must(jobs().change(ayse(), id, for_ever, {})).expires_at, std::nullopt);
}

TEST_P(JobsTest, NameAndTagsAreChangedByWhomTheyBelongTo) {
  const std::string id = completed("ayşe");
  const Job job = jobs::must(
      jobs().change(ayse(), id, {.name = "Meclis", .tags = {{" mahkeme ", "2026", "2026"}}}, {}));
  EXPECT_EQ(job.source_name, "Meclis");
  EXPECT_EQ(job.tags, (std::vector<std::string>{"2026", "mahkeme"}));
  EXPECT_EQ(jobs::must(jobs().change(ayse(), id, {.name = "Şura"}, {})).tags.size(), 2U)
      << "what is not named stays";
  EXPECT_EQ(count(ayse(), {.filter = {.tag = "mahkeme"}}), 1U);
  EXPECT_EQ(jobs::must(jobs().tags(ayse(), {})).size(), 2U);
  const Principal other{.owner = "ali", .permissions = all_permissions()};
  EXPECT_EQ(code(jobs().change(other, id, {.name = "x"}, {})), ErrorCode::kNotFound);
  EXPECT_TRUE(jobs::must(jobs().tags(other, {})).empty());
  const std::vector<std::string> many(21, "x");
  for (const JobChange& change :
       {JobChange{.name = ""}, JobChange{.name = std::string(501, 'x')}, JobChange{.name = "a\nb"},
        JobChange{.tags = {{"  "}}}, JobChange{.tags = {{std::string(51, 'x')}}},
        JobChange{.tags = {{"a\tb"}}}, JobChange{.tags = {{"\xFF"}}}, JobChange{.tags = many}}) {
    EXPECT_EQ(code(jobs().change(ayse(), id, change, {})), ErrorCode::kInvalidArgument);
  }
  const std::string fifty = [] {
    std::string text;
    for (int i = 0; i < 50; ++i) text += "ş";
    return text;
  }();
  EXPECT_EQ(jobs::must(jobs().change(ayse(), id, {.tags = {{fifty}}}, {})).tags.front(), fifty);
}

TEST_P(JobsTest, WhatWaitsIsCancelledAndBeginsAnew) {
  const Submitted submitted = submit();
  EXPECT_EQ(jobs::must(jobs().cancel(ayse(), submitted.job_id, {})).status, JobStatus::kCancelled);
  EXPECT_EQ(state(submitted.task_id), "cancelled");
  EXPECT_EQ(code(jobs().cancel(ayse(), submitted.job_id, {})), ErrorCode::kConflict);
  EXPECT_EQ(jobs::must(jobs().retry(ayse(), submitted.job_id, {})).status, JobStatus::kQueued);
  EXPECT_EQ(state(submitted.task_id), "available");
  EXPECT_EQ(code(jobs().retry(ayse(), submitted.job_id, {})), ErrorCode::kConflict);
}

TEST_P(JobsTest, AJobWhoseTaskIsLostCanBeCancelledButNotTriedAgain) {
  const Submitted submitted = submit();
  const auto sql = jobs::must(pool().acquire({}));
  jobs::must(sql->query("delete from tasks"));
  EXPECT_EQ(jobs::must(jobs().cancel(ayse(), submitted.job_id, {})).status, JobStatus::kCancelled);
  const auto retried = jobs().retry(ayse(), submitted.job_id, {});
  ASSERT_EQ(code(retried), ErrorCode::kConflict);
  EXPECT_THAT(retried.error().message, HasSubstr("submit"));
}

TEST_P(JobsTest, WhatIsDeletedIsGoneWithItsRecording) {
  const Submitted submitted = submit();
  const Media media = jobs::must(jobs().media(ayse(), submitted.job_id, {}));
  EXPECT_TRUE(fs::exists(media.path));
  EXPECT_EQ(media.file_name, "talk.mp4");
  const auto task = claim(worker("engine"), 1, "engine").at(0);
  jobs::must(jobs().remove(ayse(), submitted.job_id, {}));
  EXPECT_FALSE(fs::exists(media.path));
  EXPECT_EQ(count(ayse()), 0U);
  EXPECT_FALSE(settle(task)) << "the worker that was at it finds its task gone";
  EXPECT_EQ(code(jobs().remove(ayse(), submitted.job_id, {})), ErrorCode::kNotFound);
}

TEST_P(JobsTest, StatisticsCountWhatPeopleSee) {
  completed("ayşe");
  completed("ali");
  const auto since = queue().now() - std::chrono::hours(1);
  const auto mine = jobs::must(jobs().statistics(ayse(), since, {}));
  ASSERT_EQ(mine.size(), 1U);
  EXPECT_EQ(mine[0].job_count, 1);
  EXPECT_DOUBLE_EQ(mine[0].audio_duration_s, 6);
  EXPECT_EQ(jobs::must(jobs().statistics(admin(), since, {}))[0].job_count, 2);
}

}  // namespace
}  // namespace katip::app
