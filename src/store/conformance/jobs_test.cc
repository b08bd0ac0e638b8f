#include <set>

#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/job_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;
constexpr JobStatus kStatuses[] = {JobStatus::kQueued, JobStatus::kProcessing,
                                   JobStatus::kCompleted, JobStatus::kFailed,
                                   JobStatus::kCancelled};

std::string id_of(int number) {
  std::string digits = std::to_string(number);
  return "019a0000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

class JobsConformance : public SchemaConformance {
 protected:
  NewJob job(int number) const {
    return {.id = id_of(number), .job_id = "job_" + std::to_string(number), .created_at = kNow};
  }
  void add(const NewJob& job) const { must(insert_job(sql(), job)); }
  JobRecord get(int number) const { return *must(find_job(sql(), id_of(number))); }
  Result<bool> complete(int number, const std::string& text) const {
    return complete_job(sql(), id_of(number), {.text = text}, kNow + 1min);
  }
  /// Takes a new job there, by legal steps.
  void bring(int number, JobStatus status) const {
    add(job(number));
    const std::string id = id_of(number);
    if (status == JobStatus::kQueued) return;
    EXPECT_TRUE(must(start_job(sql(), id, 1, kNow)));
    if (status == JobStatus::kProcessing) return;
    EXPECT_TRUE(step(number, status));
  }
  bool step(int number, JobStatus to) const {
    const std::string id = id_of(number);
    switch (to) {
      case JobStatus::kQueued:
        return must(requeue_job(sql(), id, kNow));
      case JobStatus::kProcessing:
        return must(start_job(sql(), id, 1, kNow));
      case JobStatus::kCompleted:
        return must(complete(number, "bitti"));
      case JobStatus::kFailed:
        return must(fail_job(sql(), id, "TIMEOUT", "too slow", kNow));
      case JobStatus::kCancelled:
        return must(cancel_job(sql(), id, kNow));
    }
    return false;
  }
  std::vector<std::string> list(const JobFilter& filter) const {
    std::vector<std::string> ids;
    for (const JobRecord& record : must(list_jobs(sql(), filter, {}, 100)).jobs) {
      ids.push_back(record.job_id);
    }
    return ids;
  }
};
KATIP_CONFORMANCE(JobsConformance);

TEST_P(JobsConformance, EverythingComesBackAsItWasGiven) {
  must(sql().query("insert into api_keys (id, name, key_prefix, key_hash) values ($1, $2, $3, $4)",
                   {id_of(900), "test", "kp_a", std::string(64, 'a')}));
  NewJob all = job(1);
  all.priority = 7;
  all.options = R"({"beam":5})";
  all.api_key_id = id_of(900);
  all.submitted_by = "ayşe";
  all.language = "tr";
  all.model_name = "base";
  all.source_name = "toplantı \"1\".mp3";
  all.source_url = "https://example.org/a.mp3";
  all.media_key = "media/1";
  all.media_type = "audio/mpeg";
  all.media_sha256 = std::string(64, 'b');
  all.audio_duration_s = 12.5;
  all.sample_rate = 44'100;
  all.channels = 2;
  all.file_size = 5'000'000'000;
  all.expires_at = kNow + 24h;
  add(all);
  const JobRecord record = get(1);
  EXPECT_EQ(record.status, JobStatus::kQueued);
  EXPECT_EQ(record.kind, "transcription");
  EXPECT_EQ(record.priority, 7);
  EXPECT_EQ(record.api_key_id, all.api_key_id);
  EXPECT_EQ(record.submitted_by, "ayşe");
  EXPECT_EQ(record.source_name, all.source_name);
  EXPECT_EQ(record.media_sha256, all.media_sha256);
  EXPECT_EQ(record.audio_duration_s, 12.5);
  EXPECT_EQ(record.sample_rate, 44'100);
  EXPECT_EQ(record.channels, 2);
  EXPECT_EQ(record.file_size, 5'000'000'000);
  EXPECT_EQ(record.created_at, kNow);
  EXPECT_EQ(record.expires_at, kNow + 24h);
  EXPECT_EQ(record.started_at, std::nullopt);
  EXPECT_EQ(must(find_job_by_job_id(sql(), "job_1"))->id, id_of(1));
}

TEST_P(JobsConformance, WhatIsNotThere) {
  EXPECT_EQ(must(find_job(sql(), id_of(1))), std::nullopt);
  EXPECT_EQ(must(find_job(sql(), "'; drop table jobs")), std::nullopt);
  EXPECT_EQ(must(find_job_by_job_id(sql(), "job_1")), std::nullopt);
  EXPECT_EQ(must(find_transcript(sql(), id_of(1))), std::nullopt);
  EXPECT_EQ(must(find_snippet(sql(), id_of(1), "söz")), std::nullopt);
  EXPECT_FALSE(must(start_job(sql(), id_of(1), 0, kNow)));
  EXPECT_FALSE(must(start_job(sql(), "none", 0, kNow)));
  EXPECT_FALSE(must(complete(1, "söz")));
  EXPECT_FALSE(must(delete_job(sql(), id_of(1))));
}

TEST_P(JobsConformance, OnlyTheStepsOfTheTable) {
  int number = 0;
  for (const JobStatus from : kStatuses) {
    for (const JobStatus to : kStatuses) {
      bring(++number, from);
      const bool is_legal = std::ranges::any_of(
          kJobSteps, [&](const JobStep& legal) { return legal.from == from && legal.to == to; });
      EXPECT_EQ(step(number, to), is_legal) << name(from) << " -> " << name(to);
      EXPECT_EQ(get(number).status, is_legal ? to : from) << name(from) << " -> " << name(to);
    }
  }
}

TEST_P(JobsConformance, FromTheQueueToItsTranscript) {
  NewJob fresh = job(1);
  fresh.source_name = "ders.mp4";
  fresh.model_name = "base";
  add(fresh);
  EXPECT_TRUE(must(start_job(sql(), id_of(1), 2.5, kNow + 1s)));
  EXPECT_TRUE(must(set_job_progress(sql(), id_of(1), 0.6, kNow + 2s)));
  EXPECT_TRUE(must(set_job_progress(sql(), id_of(1), 0.4, kNow + 3s)));
  EXPECT_EQ(get(1).progress, 0.6) << "it never goes back";
  EXPECT_TRUE(must(start_job(sql(), id_of(1), 99, kNow + 9s))) << "another worker took it over";
  EXPECT_TRUE(must(complete_job(sql(), id_of(1),
                                {.transcript = R"({"segments": []})",
                                 .text = "Işık hızı",
                                 .detected_language = "tr",
                                 .engine = "local",
                                 .audio_duration_s = 60,
                                 .processing_s = 6,
                                 .realtime_factor = 0.1,
                                 .confidence = 0.9},
                                kNow + 10s)));
  const JobRecord record = get(1);
  EXPECT_EQ(record.progress, 1);
  EXPECT_EQ(record.started_at, kNow + 1s);
  EXPECT_EQ(record.queue_wait_s, 2.5);
  EXPECT_EQ(record.completed_at, kNow + 10s);
  EXPECT_EQ(record.model_name, "base");
  EXPECT_EQ(record.detected_language, "tr");
  const auto transcript = must(find_transcript(sql(), id_of(1)));
  ASSERT_TRUE(transcript);
  EXPECT_EQ(transcript->text, "Işık hızı");
  EXPECT_EQ(transcript->transcript, R"({"segments": []})");
  EXPECT_THAT(list({.search = "ışık"}), ElementsAre("job_1"));
  EXPECT_THAT(list({.search = "ders"}), ElementsAre("job_1")) << "the name too";
}

TEST_P(JobsConformance, AFailedJobCanBeTriedAgain) {
  bring(1, JobStatus::kProcessing);
  std::string message = "xx";
  while (message.size() < 9'000) message += "ağ";
  EXPECT_TRUE(must(fail_job(sql(), id_of(1), "UNAVAILABLE", message, kNow)));
  EXPECT_EQ(get(1).error_code, "UNAVAILABLE");
  EXPECT_EQ(get(1).error_message->size(), 3'999U) << "cut between characters";
  EXPECT_TRUE(must(requeue_job(sql(), id_of(1), kNow)));
  EXPECT_EQ(get(1).error_code, std::nullopt);
  EXPECT_EQ(get(1).completed_at, std::nullopt);
  EXPECT_EQ(get(1).progress, 0);
}

TEST_P(JobsConformance, FiltersHoldTogether) {
  for (int i = 1; i <= 4; ++i) {
    NewJob fresh = job(i);
    fresh.created_at = kNow + std::chrono::minutes(i);
    fresh.submitted_by = i % 2 == 0 ? "ali" : "ayşe";
    fresh.language = i == 4 ? "en" : "tr";
    fresh.source_name = "kayıt" + std::to_string(i) + " toplantı";
    add(fresh);
  }
  EXPECT_TRUE(step(1, JobStatus::kCancelled));
  EXPECT_TRUE(step(2, JobStatus::kFailed));
  EXPECT_THAT(list({}), ElementsAre("job_4", "job_3", "job_2", "job_1"));
  EXPECT_THAT(list({.statuses = {JobStatus::kQueued}}), ElementsAre("job_4", "job_3"));
  EXPECT_THAT(list({.statuses = {JobStatus::kFailed, JobStatus::kCancelled}}),
              ElementsAre("job_2", "job_1"));
  EXPECT_THAT(list({.submitted_by = "ali"}), ElementsAre("job_4", "job_2"));
  EXPECT_THAT(list({.language = "tr", .submitted_by = "ali"}), ElementsAre("job_2"));
  EXPECT_THAT(list({.created_from = kNow + 2min, .created_before = kNow + 4min}),
              ElementsAre("job_3", "job_2"));
  EXPECT_THAT(list({.statuses = {JobStatus::kQueued}, .search = "TOPLANTI -kayıt4"}),
              ElementsAre("job_3"));
  EXPECT_THAT(list({.kind = "other"}), IsEmpty());
  EXPECT_THAT(list({.model_name = "base"}), IsEmpty());
  EXPECT_THAT(list({.api_key_id = id_of(7)}), IsEmpty());
  EXPECT_EQ(code(list_jobs(sql(), {.api_key_id = "x"}, {}, 10)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(list_jobs(sql(), {.search = "  "}, {}, 10)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(list_jobs(sql(), {}, {}, 0)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(list_jobs(sql(), {}, {}, 1'001)), ErrorCode::kInvalidArgument);
}

TEST_P(JobsConformance, TagsAreFoundCountedAndReplaced) {
  for (int i = 1; i <= 3; ++i) {
    NewJob fresh = job(i);
    fresh.submitted_by = i == 3 ? "ali" : "ayşe";
    fresh.created_at = kNow + std::chrono::minutes(i);
    add(fresh);
  }
  must(set_job_tags(sql(), id_of(1), std::vector<std::string>{"şura", "2026"}));
  must(set_job_tags(sql(), id_of(2), std::vector<std::string>{"2026"}));
  must(set_job_tags(sql(), id_of(3), std::vector<std::string>{"2026"}));
  EXPECT_THAT(get(1).tags, ElementsAre("2026", "şura"));
  EXPECT_THAT(list({.tag = "2026"}), ElementsAre("job_3", "job_2", "job_1"));
  EXPECT_THAT(list({.submitted_by = "ayşe", .tag = "2026"}), ElementsAre("job_2", "job_1"));
  EXPECT_THAT(list({.tag = "202"}), IsEmpty());
  const auto all = must(list_tags(sql(), {}, 10));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].tag, "2026");
  EXPECT_EQ(all[0].job_count, 3);
  const auto own = must(list_tags(sql(), "ali", 10));
  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own[0].job_count, 1);
  EXPECT_EQ(must(list_tags(sql(), {}, 1)).size(), 1U);
  must(set_job_tags(sql(), id_of(1), {}));
  EXPECT_THAT(get(1).tags, IsEmpty());
  must(delete_job(sql(), id_of(2)));
  EXPECT_THAT(list({.tag = "2026"}), ElementsAre("job_3"));
}

TEST_P(JobsConformance, CountsWhatFitsUpToANumber) {
  for (int number = 1; number <= 5; ++number) bring(number, JobStatus::kCompleted);
  bring(6, JobStatus::kQueued);
  must(set_job_tags(sql(), id_of(2), std::vector<std::string>{"a"}));
  const auto count = [&](const JobFilter& filter, std::int64_t count_max) {
    const auto found = must(count_jobs(sql(), filter, count_max, 10s)).value();
    return std::pair(found.count, found.is_more);
  };
  EXPECT_EQ(count({}, 100), std::pair(std::int64_t{6}, false));
  EXPECT_EQ(count({}, 6), std::pair(std::int64_t{6}, false));
  EXPECT_EQ(count({}, 4), std::pair(std::int64_t{4}, true));
  EXPECT_EQ(count({.statuses = {JobStatus::kQueued, JobStatus::kProcessing}}, 9).first, 1);
  EXPECT_EQ(count({.search = "bitti"}, 9).first, 5);
  EXPECT_EQ(count({.tag = "a", .search = "bitti"}, 9).first, 1);
  EXPECT_EQ(code(count_jobs(sql(), {.search = "-"}, 9, 10s)), ErrorCode::kInvalidArgument);
}

TEST_P(JobsConformance, CountingThatTakesTooLongGivesNothingAndLeavesTheLimit) {
  const auto before = sql().options().statement_timeout;
  must(sql().query(sql().dialect() == Dialect::kSqlite ? R"(
      insert into jobs (id, job_id, options, created_at, updated_at)
      with recursive n (i) as (select 1 union all select i + 1 from n where i < 60000)
      select printf('019b0000-0000-7000-8000-%012d', i), 'many_' || i, '{}',
             '2026-03-01T12:00:00.000Z', '2026-03-01T12:00:00.000Z' from n)"
                                                       : R"(
      insert into jobs (id, job_id, options, created_at, updated_at)
      select ('019b0000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'many_' || i, '{}',
             '2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z' from generate_series(1, 60000) as i)"));
  EXPECT_EQ(must(count_jobs(sql(), {.language = "tr"}, 50'000, 1ms)), std::nullopt);
  EXPECT_EQ(sql().options().statement_timeout, before);
  EXPECT_EQ(must(count_jobs(sql(), {}, 50'000, 30s))->count, 50'000);
}

TEST_P(JobsConformance, ACommonTagFindsTheSameAsARareOne) {
  constexpr int kJobCount = 20'050;  // Just above where another way is taken.
  must(
      sql().query("insert into jobs (id, job_id, created_at) with recursive n (i) as (select 1 "
                  "union all select i + 1 from n where i < " +
                  std::to_string(kJobCount) + ") " +
                  std::string(pick("select printf('019a0000-0000-7000-8000-%012d', i), 'job_' || "
                                   "i, '2026-03-01T12:00:00.000Z' from n",
                                   "select ('019a0000-0000-7000-8000-' || lpad(i::text, 12, "
                                   "'0'))::uuid, 'job_' || i, '2026-03-01T12:00:00Z'::timestamptz "
                                   "from n"))));
  must(sql().query("insert into job_tags (job_id, tag) select id, 'all' from jobs"));
  must(
      sql().query("delete from job_tags where job_id in (select id from jobs where job_id in "
                  "('job_20050', 'job_20048'))"));
  const JobPage page = must(list_jobs(sql(), {.tag = "all"}, {}, 3));
  ASSERT_EQ(page.jobs.size(), 3U);
  EXPECT_EQ(page.jobs[0].job_id, "job_20049");
  EXPECT_EQ(page.jobs[1].job_id, "job_20047");
  ASSERT_TRUE(page.next);
  const JobPage next = must(list_jobs(sql(), {.tag = "all"}, page.next, 3));
  EXPECT_EQ(next.jobs[0].job_id, "job_20045");
}

TEST_P(JobsConformance, ANewNameIsFoundAndTheTextStays) {
  NewJob fresh = job(1);
  fresh.source_name = "kayıt";
  add(fresh);
  EXPECT_TRUE(step(1, JobStatus::kProcessing));
  must(complete_job(sql(), id_of(1), {.text = "Işık hızı"}, kNow));
  EXPECT_TRUE(must(rename_job(sql(), id_of(1), "Fizik dersi", kNow + 1s)));
  EXPECT_EQ(get(1).source_name, "Fizik dersi");
  EXPECT_EQ(get(1).updated_at, kNow + 1s);
  EXPECT_THAT(list({.search = "fizik"}), ElementsAre("job_1"));
  EXPECT_THAT(list({.search = "ışık"}), ElementsAre("job_1"));
  EXPECT_THAT(list({.search = "kayıt"}), IsEmpty());
  EXPECT_FALSE(must(rename_job(sql(), id_of(2), "x", kNow)));
  EXPECT_FALSE(must(rename_job(sql(), "x", "x", kNow)));
}

TEST_P(JobsConformance, HowLongItStaysIsSaidAnew) {
  add(job(1));
  EXPECT_TRUE(must(set_job_expiry(sql(), id_of(1), kNow + 5s, kNow + 1s)));
  EXPECT_EQ(get(1).expires_at, kNow + 5s);
  EXPECT_EQ(get(1).updated_at, kNow + 1s);
  EXPECT_TRUE(must(set_job_expiry(sql(), id_of(1), std::nullopt, kNow + 2s)));
  EXPECT_EQ(get(1).expires_at, std::nullopt);
  EXPECT_FALSE(must(set_job_expiry(sql(), id_of(2), kNow, kNow)));
  EXPECT_FALSE(must(set_job_expiry(sql(), "x", kNow, kNow)));
}

TEST_P(JobsConformance, TheOldestCanComeFirst) {
  for (int i = 1; i <= 5; ++i) {
    NewJob fresh = job(i);
    fresh.created_at = kNow + std::chrono::milliseconds(i / 2);
    add(fresh);
  }
  std::vector<std::string> seen;
  std::optional<PageCursor> after;
  do {
    const JobPage page = must(list_jobs(sql(), {}, after, 2, JobOrder::kOldestFirst));
    for (const JobRecord& record : page.jobs) seen.push_back(record.job_id);
    after = page.next;
  } while (after);
  EXPECT_THAT(seen, ElementsAre("job_1", "job_2", "job_3", "job_4", "job_5"));
}

TEST_P(JobsConformance, PagesNeitherRepeatNorLeaveOut) {
  for (int i = 1; i <= 25; ++i) {
    NewJob fresh = job(i);
    fresh.created_at = kNow + std::chrono::milliseconds(i / 4);  // Several at the same time.
    add(fresh);
  }
  std::vector<std::string> seen;
  std::optional<PageCursor> after;
  for (int page_count = 0; page_count < 20; ++page_count) {
    const JobPage page = must(list_jobs(sql(), {}, after, 4));
    for (const JobRecord& record : page.jobs) seen.push_back(record.id);
    if (!page.next) break;
    after = must(parse_page_cursor(to_text(*page.next)));
    NewJob late = job(100 + page_count);
    late.created_at = kNow + 1h;
    add(late);
  }
  EXPECT_EQ(seen.size(), 25U);
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater{}));
}

TEST_P(JobsConformance, ACursorFromOutsideIsChecked) {
  for (const char* text :
       {"", ",", "2026-03-01T12:00:00.000Z", "x,019a0000-0000-7000-8000-000000000001",
        "2026-03-01T12:00:00.000Z,1 or 1=1"}) {
    EXPECT_EQ(code(parse_page_cursor(text)), ErrorCode::kInvalidArgument) << text;
  }
}

TEST_P(JobsConformance, ShowsWhereItWasFound) {
  bring(1, JobStatus::kProcessing);
  EXPECT_TRUE(must(complete(1, "Dün ISPARTA'ya gittik.")));
  const auto snippet = must(find_snippet(sql(), id_of(1), "ısparta"));
  ASSERT_TRUE(snippet);
  ASSERT_EQ(snippet->matches.size(), 1U);
  const TextRange match = snippet->matches.front();
  EXPECT_EQ(snippet->text.substr(match.begin, match.end - match.begin), "ISPARTA");
}

TEST_P(JobsConformance, OnlyJobsThatHaveEndedExpire) {
  for (int i = 1; i <= 3; ++i) {
    NewJob fresh = job(i);
    fresh.expires_at = kNow + std::chrono::hours(i);
    fresh.media_key = "media/" + std::to_string(i);
    add(fresh);
  }
  EXPECT_TRUE(step(1, JobStatus::kCancelled));
  EXPECT_TRUE(step(3, JobStatus::kCancelled));
  const auto deleted = must(delete_expired_jobs(sql(), kNow + 2h, 10));
  ASSERT_EQ(deleted.size(), 1U);
  EXPECT_EQ(deleted.front().media_key, "media/1");
  EXPECT_EQ(count("jobs"), 2);
  EXPECT_TRUE(must(delete_job(sql(), id_of(2))));
}

TEST_P(JobsConformance, AWordThatIsInMostJobsIsFoundInAllOfThemPageByPage) {
  constexpr int kCount = 10'050;  // More than are looked at first.
  NewJob first = job(1);
  first.submitted_by = "ayşe";
  first.source_name = "ortak";
  add(first);
  const bool is_sqlite = sql().dialect() == Dialect::kSqlite;
  must(sql().query(
      std::string(is_sqlite ? "with recursive n (n) as (select 2 union all select n + 1 from n "
                              "where n < " +
                                  std::to_string(kCount) + ") "
                            : "with n (n) as (select generate_series(2, " + std::to_string(kCount) +
                                  ")) ") +
          "insert into jobs (id, job_id, search_text, created_at) select " +
          (is_sqlite ? "printf('019a0000-0000-7000-8000-%012d', n)"
                     : "cast('019a0000-0000-7000-8000-' || lpad(n::text, 12, '0') as uuid)") +
          ", 'job_' || n, 'ortak', " + (is_sqlite ? "$1" : "cast($1 as timestamptz)") + " from n",
      {to_text(kNow + 1s)}));
  EXPECT_THAT(list({.submitted_by = "ayşe", .search = "ortak"}), ElementsAre("job_1"))
      << "older than those that are looked at first";
  std::set<std::string> all;
  std::optional<PageCursor> after;
  do {
    const JobPage page = must(list_jobs(sql(), {.search = "ortak"}, after, 1'000));
    for (const JobRecord& record : page.jobs) EXPECT_TRUE(all.insert(record.job_id).second);
    after = page.next;
  } while (after);
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kCount));
}

}  // namespace
}  // namespace katip::store
