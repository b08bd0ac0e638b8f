#include <gmock/gmock.h>

#include "store/conformance/schema_conformance.h"
#include "store/job_store.h"
#include "store/task_store.h"
#include "store/transaction.h"
#include "store/transcript_store.h"

namespace katip::store {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Timestamp kNow = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 12h;
const std::string kJob = "019a0000-0000-7000-8000-000000000001";

std::string edit_id(int version) {
  return "019a0000-0000-7000-8000-0000000001" + std::to_string(10 + version);
}

class TranscriptsConformance : public SchemaConformance {
 protected:
  void complete(const std::string& text) const {
    must(insert_job(sql(), {.id = kJob,
                            .job_id = "job_1",
                            .submitted_by = "ayşe",
                            .source_name = "toplantı.mp3",
                            .created_at = kNow}));
    EXPECT_TRUE(must(start_job(sql(), kJob, 2, kNow)));
    EXPECT_TRUE(must(complete_job(
        sql(), kJob, {.text = text, .audio_duration_s = 60, .processing_s = 2}, kNow + 1min)));
  }
  static TranscriptEdit edit(int version) {
    return {.id = edit_id(version),
            .job_id = kJob,
            .version = version,
            .editor = "ali",
            .created_at = kNow + std::chrono::minutes(version),
            .changes = R"([{"at": 0}])"};
  }
  std::vector<std::string> found(const std::string& typed) const {
    std::vector<std::string> ids;
    for (const JobRecord& job : must(list_jobs(sql(), {.search = typed}, {}, 10)).jobs) {
      ids.push_back(job.job_id);
    }
    return ids;
  }
};
KATIP_CONFORMANCE(TranscriptsConformance);

TEST_P(TranscriptsConformance, EachEditIsAVersion) {
  complete("kubernetis");
  EXPECT_EQ(must(find_transcript_version(sql(), kJob)), 1);
  must(insert_transcript_edit(sql(), edit(2)));
  TranscriptEdit undo = edit(3);
  undo.kind = EditKind::kUndo;
  undo.restored_version = 1;
  must(insert_transcript_edit(sql(), undo));
  EXPECT_EQ(must(find_transcript_version(sql(), kJob)), 3);
  const auto edits = must(list_transcript_edits(sql(), kJob, 1, 10));
  ASSERT_EQ(edits.size(), 2U);
  EXPECT_EQ(edits[0].version, 3);
  EXPECT_EQ(edits[0].kind, EditKind::kUndo);
  EXPECT_EQ(edits[0].restored_version, 1);
  EXPECT_EQ(edits[1].editor, "ali");
  EXPECT_EQ(edits[1].created_at, kNow + 2min);
  EXPECT_EQ(must(list_transcript_edits(sql(), kJob, 2, 10)).size(), 1U);
}

TEST_P(TranscriptsConformance, OfTwoWhoEditOneVersionOneIsRefused) {
  complete("söz");
  must(insert_transcript_edit(sql(), edit(2)));
  TranscriptEdit other = edit(2);
  other.id = edit_id(9);
  EXPECT_EQ(code(insert_transcript_edit(sql(), other)), ErrorCode::kConflict);
}

TEST_P(TranscriptsConformance, SearchFollowsTheText) {
  complete("kubernetis nedir");
  EXPECT_TRUE(must(
      replace_transcript(sql(), kJob, {.transcript = "{}", .text = "Kubernetes nedir"}, kNow)));
  EXPECT_THAT(found("kubernetes"), ElementsAre("job_1"));
  EXPECT_THAT(found("kubernetis"), IsEmpty());
  EXPECT_THAT(found("toplantı"), ElementsAre("job_1")) << "its name is still found";
  EXPECT_EQ(must(find_transcript(sql(), kJob))->text, "Kubernetes nedir");
}

TEST_P(TranscriptsConformance, OnlyWhatIsCompletedHasATranscriptToReplace) {
  EXPECT_FALSE(must(replace_transcript(sql(), kJob, {.transcript = "{}", .text = ""}, kNow)));
  EXPECT_FALSE(must(replace_transcript(sql(), "none", {.transcript = "{}", .text = ""}, kNow)));
  must(insert_job(sql(), {.id = kJob, .job_id = "job_1", .created_at = kNow}));
  EXPECT_FALSE(must(replace_transcript(sql(), kJob, {.transcript = "{}", .text = ""}, kNow)));
  EXPECT_EQ(must(find_transcript_version(sql(), "none")), 1);
  EXPECT_TRUE(must(list_transcript_edits(sql(), "none", 0, 10)).empty());
}

TEST_P(TranscriptsConformance, FiguresOfJobsByStatus) {
  complete("söz");
  must(insert_job(sql(), {.id = edit_id(50), .job_id = "job_2", .created_at = kNow}));
  const auto all = must(job_statistics(sql(), kNow - 1h, {}));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].status, JobStatus::kCompleted);
  EXPECT_EQ(all[0].job_count, 1);
  EXPECT_DOUBLE_EQ(all[0].audio_duration_s, 60);
  EXPECT_DOUBLE_EQ(all[0].processing_s, 2);
  EXPECT_EQ(all[0].queue_wait_s, 2);
  EXPECT_EQ(all[1].queue_wait_s, std::nullopt);
  EXPECT_EQ(must(job_statistics(sql(), kNow - 1h, "ayşe")).size(), 1U);
  EXPECT_TRUE(must(job_statistics(sql(), kNow + 1h, {})).empty());
}

TEST_P(TranscriptsConformance, AJobWithoutTasksHasNone) {
  complete("söz");
  EXPECT_TRUE(must(TaskStore(sql()).of_job(kJob)).empty());
  EXPECT_TRUE(must(TaskStore(sql()).of_job("none")).empty());
}

}  // namespace
}  // namespace katip::store
