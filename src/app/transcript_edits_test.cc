#include "app/transcript_edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/feedback.h"
#include "app/jobs.h"
#include "app/testing/record_fixture.h"
#include "text/transcript_json.h"

namespace katip::app {
namespace {

using ::testing::HasSubstr;

class TranscriptEditsTest : public RecordFixture {
 protected:
  TranscriptEdits edits() { return {pool(), clock(), rng()}; }
  std::string found_text(const std::string& job_id) {
    return jobs::must(Jobs(queue(), folder_.path())
                          .transcript(admin(), job_id, text::Format::kText, {}, {}))
        .bytes;
  }
  std::size_t hits(const std::string& typed) {
    return jobs::must(
               Jobs(queue(), folder_.path()).search(admin(), {.filter = {.search = typed}}, {}))
        .hits.size();
  }
  Result<TranscriptVersion> edit(const std::string& job_id, SegmentEdit change, int version) {
    return edits().edit(ayse(), job_id, std::span(&change, 1), version, {});
  }
};
KATIP_ON_BOTH_DATABASES(TranscriptEditsTest);

TEST_P(TranscriptEditsTest, TextSearchAndWordTimesFollow) {
  const std::string id = completed("ayşe");
  const auto changed =
      jobs::must(edit(id, {.index = 0, .text = "Toplantı Kubernetes kümesi ile başladı."}, 1));
  EXPECT_EQ(changed.version, 2);
  EXPECT_EQ(found_text(id), "Toplantı Kubernetes kümesi ile başladı.\nİkinci cümle.\n");
  EXPECT_EQ(hits("kubernetes"), 1U);
  EXPECT_EQ(hits("kubernetis"), 0U);
  const auto read = jobs::must(edits().read(ayse(), id, {}));
  EXPECT_EQ(read.version, 2);
  const auto& words = read.transcript.segments[0].words;
  ASSERT_EQ(words.size(), 5U);
  EXPECT_EQ(words[0].end_ms, 600) << "a kept word keeps its time";
  EXPECT_EQ(words[1].text, " Kubernetes");
  EXPECT_GE(words[1].start_ms, 600);
  EXPECT_LE(words[2].end_ms, 1600);
  EXPECT_EQ(words[3].start_ms, 1600);
  EXPECT_FLOAT_EQ(words[3].probability, 0.8f);
}

TEST_P(TranscriptEditsTest, OfTwoEditorsTheSecondIsTold) {
  const std::string id = completed("ayşe");
  jobs::must(edit(id, {.index = 0, .text = "bir"}, 1));
  const auto late = edit(id, {.index = 0, .text = "iki"}, 1);
  ASSERT_EQ(code(late), ErrorCode::kConflict);
  EXPECT_THAT(late.error().message, HasSubstr("read it again"));
  EXPECT_EQ(found_text(id), "bir\nİkinci cümle.\n");
}

TEST_P(TranscriptEditsTest, EveryVersionCanBeHadBack) {
  const std::string id = completed("ayşe");
  const std::string first = found_text(id);
  jobs::must(edit(id, {.index = 1, .text = "Son."}, 1));
  jobs::must(edit(id, {.index = 0, .text = ""}, 2));
  const std::string third = found_text(id);
  EXPECT_EQ(third, "Son.\n");
  jobs::must(edit(id, {.index = 0, .speaker = "Ayşe", .start_ms = 4500}, 3));
  const auto original = jobs::must(edits().restore(ayse(), id, 1, 4, {}));
  EXPECT_EQ(original.version, 5);
  EXPECT_EQ(found_text(id), first);
  EXPECT_EQ(original.transcript.segments[0].words[1].start_ms, 700) << "with its times";
  jobs::must(edits().restore(ayse(), id, 3, 5, {}));
  EXPECT_EQ(found_text(id), third) << "an undo can be undone";
  EXPECT_EQ(code(edits().restore(ayse(), id, 6, 6, {})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(edits().restore(ayse(), id, 0, 6, {})), ErrorCode::kInvalidArgument);
}

TEST_P(TranscriptEditsTest, TheHistorySaysWhoWhenAndWhat) {
  const std::string id = completed("ayşe");
  jobs::must(edit(id, {.index = 1, .text = "Son."}, 1));
  jobs::must(edits().restore(admin(), id, 1, 2, {}));
  const auto history = jobs::must(edits().history(ayse(), id, 10, {}));
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].editor, "admin");
  EXPECT_EQ(history[0].restored_version, 1);
  EXPECT_EQ(history[1].editor, "ayşe");
  EXPECT_EQ(history[1].created_at, queue().now());
  ASSERT_EQ(history[1].changes.size(), 1U);
  EXPECT_EQ(history[1].changes[0].index, 1);
  EXPECT_EQ(history[1].changes[0].before.at(0).text, "İkinci cümle.");
  EXPECT_EQ(history[1].changes[0].after.at(0).text, "Son.");
}

TEST_P(TranscriptEditsTest, WhatChangesNothingIsNoVersion) {
  const std::string id = completed("ayşe");
  EXPECT_EQ(jobs::must(edit(id, {.index = 1, .text = "İkinci cümle."}, 1)).version, 1);
  EXPECT_TRUE(jobs::must(edits().history(ayse(), id, 10, {})).empty());
}

TEST_P(TranscriptEditsTest, WrongEditsAreRefusedAndSaySo) {
  const std::string id = completed("ayşe");
  const auto invalid = ErrorCode::kInvalidArgument;
  EXPECT_EQ(code(edit(id, {.index = 2, .text = "x"}, 1)), invalid);
  EXPECT_EQ(code(edit(id, {.index = -1, .text = "x"}, 1)), invalid);
  EXPECT_EQ(code(edit(id, {.index = 0, .start_ms = 9000}, 1)), invalid) << "ends before it begins";
  EXPECT_EQ(code(edit(id, {.index = 1, .end_ms = INT64_MAX}, 1)), invalid);
  EXPECT_EQ(code(edit(id, {.index = 0, .text = std::string(20'001, 'x')}, 1)), invalid);
  EXPECT_EQ(code(edits().edit(ayse(), id, {}, 1, {})), invalid);
  const SegmentEdit twice[] = {{.index = 0, .text = "a"}, {.index = 0, .text = "b"}};
  EXPECT_EQ(code(edits().edit(ayse(), id, twice, 1, {})), invalid);
  EXPECT_EQ(found_text(id), "Toplantı kubernetis ile başladı.\nİkinci cümle.\n");
}

TEST_P(TranscriptEditsTest, ASegmentIsSplitWhereItsWordsAreAndJoinedAgain) {
  const std::string id = completed("ayşe");
  const std::size_t at = std::string_view("Toplantı kubernetis").size();
  const auto split = jobs::must(edits().split(ayse(), id, {.index = 0, .at = at}, 1, {}));
  EXPECT_EQ(split.version, 2);
  EXPECT_EQ(found_text(id), "Toplantı kubernetis\nile başladı.\nİkinci cümle.\n");
  EXPECT_EQ(hits("\"kubernetis ile\""), 1U) << "what is searched has no segments";
  const auto read = jobs::must(edits().read(ayse(), id, {})).transcript.segments;
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0].end_ms, 1500);
  EXPECT_EQ(read[1].start_ms, 1600);
  EXPECT_EQ(read[1].end_ms, 4000);
  ASSERT_EQ(read[1].words.size(), 2U);
  EXPECT_EQ(read[1].words[0].start_ms, 1600);
  EXPECT_EQ(jobs::must(edits().history(ayse(), id, 1, {}))[0].changes[0].after.size(), 2U);

  EXPECT_EQ(jobs::must(edits().merge(ayse(), id, 0, 2, {})).version, 3);
  const auto joined = jobs::must(edits().read(ayse(), id, {})).transcript.segments;
  ASSERT_EQ(joined.size(), 2U);
  EXPECT_EQ(joined[0].text, "Toplantı kubernetis ile başladı.");
  EXPECT_EQ(joined[0].words[1].start_ms, 700);
  jobs::must(edits().restore(ayse(), id, 2, 3, {}));
  EXPECT_EQ(found_text(id), "Toplantı kubernetis\nile başladı.\nİkinci cümle.\n");
}

TEST_P(TranscriptEditsTest, SplittingAndJoiningTeachTheLexiconNothing) {
  const std::string id = completed("ayşe");
  const std::size_t at = std::string_view("Toplantı").size();
  jobs::must(edits().split(ayse(), id, {.index = 0, .at = at}, 1, {}));
  jobs::must(edits().merge(ayse(), id, 1, 2, {}));
  const auto review = jobs::must(FeedbackDesk(queue()).submit(ayse(), id, {}, {}));
  EXPECT_EQ(review.feedback.accuracy_score, 1.0);
  EXPECT_TRUE(review.terms.empty());
}

TEST_P(TranscriptEditsTest, WhereNothingCanBeSplitOrJoinedItSaysSo) {
  const std::string id = completed("ayşe");
  const auto invalid = ErrorCode::kInvalidArgument;
  EXPECT_EQ(code(edits().split(ayse(), id, {.index = 2, .at = 1}, 1, {})), invalid);
  EXPECT_EQ(code(edits().split(ayse(), id, {.index = 0, .at = 999}, 1, {})), invalid);
  EXPECT_EQ(code(edits().split(ayse(), id, {.index = 1, .at = 1}, 1, {})), invalid)
      << "inside the first character";
  EXPECT_EQ(code(edits().merge(ayse(), id, 1, 1, {})), invalid) << "the last one";
  EXPECT_EQ(code(edits().merge(ayse(), id, -1, 1, {})), invalid);
  EXPECT_EQ(code(edits().split(ayse(), id, {.index = 0, .at = 9}, 7, {})), ErrorCode::kConflict);
  EXPECT_EQ(code(edits().merge(ali(), id, 0, 1, {})), ErrorCode::kNotFound);
  text::Transcript big = meeting();
  big.segments[0].text = std::string(15'000, 'a');
  big.segments[1].text = std::string(5'000, 'b');
  const std::string long_id = completed("ayşe", big);
  EXPECT_EQ(code(edits().merge(ayse(), long_id, 0, 1, {})), invalid) << "with the space it is over";
}

TEST_P(TranscriptEditsTest, TimesStayInOrderAndInsideTheRecording) {
  const std::string id = completed("ayşe");
  const auto invalid = ErrorCode::kInvalidArgument;
  EXPECT_EQ(code(edit(id, {.index = 1, .end_ms = 6001}, 1)), invalid) << "it has six seconds";
  EXPECT_EQ(code(edit(id, {.index = 1, .start_ms = 6000}, 1)), invalid) << "it would last no time";
  EXPECT_EQ(code(edit(id, {.index = 0, .start_ms = -1}, 1)), invalid);
  const SegmentEdit past[] = {{.index = 0, .start_ms = 3500}, {.index = 1, .start_ms = 3400}};
  EXPECT_EQ(code(edits().edit(ayse(), id, past, 1, {})), invalid) << "before the one before it";
  const SegmentEdit touching[] = {{.index = 0, .end_ms = 3500}, {.index = 1, .start_ms = 3500}};
  const auto moved = jobs::must(edits().edit(ayse(), id, touching, 1, {}));
  EXPECT_EQ(moved.transcript.segments[0].words[3].end_ms, 3500) << "words stay inside";
  EXPECT_EQ(moved.transcript.segments[1].words[0].start_ms, 4000);

  text::Transcript over = meeting();
  over.segments[1].end_ms = 6200;  // As machines do.
  const std::string other = completed("ayşe", over);
  EXPECT_EQ(code(edit(other, {.index = 1, .start_ms = 4100, .end_ms = 6200}, 1)), std::nullopt);
}

TEST_P(TranscriptEditsTest, AnEditThatTakesBackAnotherGivesTheWordsBack) {
  const std::string id = completed("ayşe");
  const auto first = jobs::must(edits().read(ayse(), id, {})).transcript.segments;
  const SegmentEdit moved[] = {{.index = 0, .end_ms = 1000}, {.index = 1, .start_ms = 1000}};
  const auto cut = jobs::must(edits().edit(ayse(), id, moved, 1, {})).transcript.segments;
  EXPECT_EQ(cut[0].words[3].start_ms, 1000) << "cut at the new end";
  const std::string text = first[0].text;
  jobs::must(edit(id, {.index = 0, .text = "Bambaşka bir cümle."}, 2));
  jobs::must(edit(id, {.index = 1, .speaker = "Ayşe"}, 3));
  // One after the other, as the editor undoes them.
  jobs::must(edit(id, {.index = 1, .speaker = ""}, 4));
  const auto as_cut = jobs::must(edit(id, {.index = 0, .text = text}, 5)).transcript.segments;
  EXPECT_EQ(text::segments_to_json(as_cut), text::segments_to_json(cut));
  const SegmentEdit back[] = {{.index = 0, .end_ms = first[0].end_ms},
                              {.index = 1, .start_ms = first[1].start_ms}};
  const auto last = jobs::must(edits().edit(ayse(), id, back, 6, {}));
  EXPECT_EQ(last.version, 7);
  EXPECT_EQ(text::segments_to_json(last.transcript.segments), text::segments_to_json(first));
  const auto read = jobs::must(edits().read(ayse(), id, {})).transcript.segments;
  EXPECT_EQ(text::segments_to_json(read), text::segments_to_json(first));
}

TEST_P(TranscriptEditsTest, WordsComeBackToWhatReadsTheSameOnly) {
  const std::string id = completed("ayşe");
  const auto first = jobs::must(edits().read(ayse(), id, {})).transcript.segments;
  jobs::must(edit(id, {.index = 0, .end_ms = 1000}, 1));
  const auto other = jobs::must(edit(id, {.index = 0, .end_ms = 3900}, 2)).transcript.segments;
  EXPECT_EQ(other[0].words[3].end_ms, 1000) << "it ended at 4000";
  const auto same = jobs::must(edit(id, {.index = 0, .end_ms = 4000}, 3)).transcript.segments;
  EXPECT_EQ(text::segments_to_json(same), text::segments_to_json(first));
}

TEST_P(TranscriptEditsTest, WhatIsNotTheirsIsNotThere) {
  const std::string id = completed("ayşe");
  const SegmentEdit change{.index = 0, .text = "x"};
  EXPECT_EQ(code(edits().edit(ali(), id, std::span(&change, 1), 1, {})), ErrorCode::kNotFound);
  EXPECT_EQ(code(edits().read(ali(), id, {})), ErrorCode::kNotFound);
  EXPECT_EQ(code(edits().history(ali(), id, 10, {})), ErrorCode::kNotFound);
  EXPECT_EQ(code(edits().restore(ali(), id, 1, 1, {})), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace katip::app
