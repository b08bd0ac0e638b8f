#include "app/converted_sounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/testing/record_fixture.h"

namespace katip::app {
namespace {

class ConvertedSoundsTest : public RecordFixture {
 protected:
  ConvertedSounds sounds() { return {pool(), clock(), rng()}; }
};
KATIP_ON_BOTH_DATABASES(ConvertedSoundsTest);

TEST_P(ConvertedSoundsTest, AreMadeChangedFoundAndDeleted) {
  const std::string job_id = completed("ayşe");
  const auto made = jobs::must(sounds().create(
      ayse(), {.talent_id = "t1", .acc_id = "a1", .file_name = "ses.wav", .job_id = job_id}, {}));
  EXPECT_EQ(made.status, store::JobStatus::kQueued);
  EXPECT_EQ("job_" + made.job_id.value_or(""), job_id);
  const auto changed = jobs::must(sounds().update(
      ayse(), made.id, {.status = store::JobStatus::kCompleted, .transcript = "merhaba"}, {}));
  EXPECT_EQ(changed.talent_id, "t1") << "what is not named stays";
  EXPECT_EQ(jobs::must(sounds().get(ayse(), made.id, {})).transcript, "merhaba");
  EXPECT_EQ(jobs::must(sounds().list(ayse(), {.filter = {.talent_id = "t1"}}, {})).rows.size(), 1U);
  EXPECT_EQ(jobs::must(sounds().list(ayse(), {.filter = {.acc_id = "a2"}}, {})).rows.size(), 0U);
  jobs::must(sounds().remove(ayse(), made.id, {}));
  EXPECT_EQ(code(sounds().get(ayse(), made.id, {})), ErrorCode::kNotFound);
}

TEST_P(ConvertedSoundsTest, BelongToWhoMadeThem) {
  const auto mine = jobs::must(sounds().create(ayse(), {.talent_id = "t1"}, {}));
  EXPECT_EQ(code(sounds().get(ali(), mine.id, {})), ErrorCode::kNotFound);
  EXPECT_EQ(code(sounds().update(ali(), mine.id, {.acc_id = "x"}, {})), ErrorCode::kNotFound);
  EXPECT_EQ(code(sounds().remove(ali(), mine.id, {})), ErrorCode::kNotFound);
  EXPECT_TRUE(jobs::must(sounds().list(ali(), {}, {})).rows.empty());
  EXPECT_EQ(jobs::must(sounds().list(admin(), {}, {})).rows.size(), 1U);
  const std::string job_id = completed("ayşe");
  EXPECT_EQ(code(sounds().create(ali(), {.job_id = job_id}, {})), ErrorCode::kNotFound);
}

TEST_P(ConvertedSoundsTest, WhatDoesNotFitIsNamed) {
  for (const ConvertedSoundChange& change :
       {ConvertedSoundChange{.talent_id = ""}, ConvertedSoundChange{.acc_id = std::string(65, 'x')},
        ConvertedSoundChange{.file_name = "\xFF"}, ConvertedSoundChange{.duration_s = -1},
        ConvertedSoundChange{.status = store::JobStatus::kCompleted},
        ConvertedSoundChange{.status = store::JobStatus::kFailed}}) {
    EXPECT_EQ(code(sounds().create(ayse(), change, {})), ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace katip::app
