#include "app/usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/log_book.h"
#include "app/testing/record_fixture.h"
#include "store/key_store.h"

namespace katip::app {
namespace {

using UsageTest = RecordFixture;
KATIP_ON_BOTH_DATABASES(UsageTest);

TEST_P(UsageTest, MinutesAndTokensOfAJobAreInTheBooks) {
  const std::string job_id = completed("ayşe");
  const auto sql = jobs::must(pool().acquire({}));
  const auto job = jobs::must(store::find_job_by_job_id(*sql, job_id)).value();
  Finished finished;
  finished.figures.model = "base";
  finished.figures.duration_ms = 90'000;
  finished.transcript.segments = {{.text = "bir", .tokens = {1, 2, 3}}, {.tokens = {4}}};
  jobs::must(record_usage(queue(), *sql, job, finished));
  LogBook book(pool(), folder_.path(), clock(), rng());
  const auto rows = jobs::must(book.list(ayse(), LogKind::kSale, {}, {})).rows;
  ASSERT_EQ(rows.size(), 2U);
  const auto number = [](const LogRecord& row) {
    return jobs::must(row.find("quantity")->to<double>());
  };
  EXPECT_EQ(*rows[1].find("product"), store::Value("transcription.audio"));
  EXPECT_DOUBLE_EQ(number(rows[1]), 1.5);
  EXPECT_EQ(*rows[0].find("unit"), store::Value("token"));
  EXPECT_DOUBLE_EQ(number(rows[0]), 4);
  EXPECT_EQ(*rows[0].find("job_id"), store::Value(job.id));
}

TEST_P(UsageTest, TheAudioOfAKeyIsCountedForItsDay) {
  const std::string job_id = completed("ayşe");
  const auto sql = jobs::must(pool().acquire({}));
  const std::string key = "019a0000-0000-7000-8000-000000000001";
  jobs::must(store::insert_key(*sql, {.id = key,
                                      .name = "k",
                                      .key_prefix = "kp_a",
                                      .key_hash = std::string(64, 'a'),
                                      .created_at = queue().now()}));
  auto job = jobs::must(store::find_job_by_job_id(*sql, job_id)).value();
  job.api_key_id = key;
  Finished finished;
  finished.figures.duration_ms = 90'500;
  jobs::must(record_usage(queue(), *sql, job, finished));
  jobs::must(record_usage(queue(), *sql, job, finished));
  const std::string today = store::to_text(queue().now()).substr(0, 10);
  EXPECT_DOUBLE_EQ(jobs::must(store::find_key_audio(*sql, key, today)), 181);
  job.api_key_id = "019a0000-0000-7000-8000-00000000dead";
  jobs::must(record_usage(queue(), *sql, job, finished));  // A key that is gone keeps no job back.
}

}  // namespace
}  // namespace katip::app
