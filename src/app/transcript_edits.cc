#include "app/transcript_edits.h"

#include <utility>

#include <fmt/format.h>

#include "app/records/former_segments.h"
#include "app/records/segment_changes.h"
#include "app/records/visible_job.h"
#include "store/transaction.h"
#include "text/transcript_json.h"
#include "text/writers.h"

/// The version that an edit was made for is checked twice: by reading it, which gives the message,
/// and by the unique number of the next one, which decides between two at the same time.
///
/// Tested by transcript_edits_test.cc.
namespace katip::app {

struct TranscriptEdits::Opened {
  store::JobRecord job;
  int version = 1;
  text::Transcript transcript;
};

namespace {

std::unexpected<Error> outdated(int expected, int current) {
  return fail(ErrorCode::kConflict,
              fmt::format("somebody else has edited the transcript: you have version {}, it is at "
                          "{}; read it again",
                          expected, current));
}

}  // namespace

Result<TranscriptEdits::Opened> TranscriptEdits::open(store::Connection& sql,
                                                      const Principal& principal,
                                                      std::string_view job_id,
                                                      int expected_version) {
  Opened opened{.job = KATIP_TRY(visible_job(sql, principal, job_id)), .transcript = {}};
  const auto stored = KATIP_TRY(store::find_transcript(sql, opened.job.id));
  if (!stored) {
    return fail(ErrorCode::kConflict,
                fmt::format("the job has no transcript: it is {}", name(opened.job.status)));
  }
  opened.version = KATIP_TRY(store::find_transcript_version(sql, opened.job.id));
  if (expected_version != 0 && expected_version != opened.version) {
    return outdated(expected_version, opened.version);
  }
  opened.transcript = KATIP_TRY(text::parse_transcript(stored->transcript));
  return opened;
}

Result<TranscriptVersion> TranscriptEdits::read(const Principal& principal, std::string_view job_id,
                                                std::stop_token stop) {
  return store::run_transaction(
      *KATIP_TRY(pool_.acquire(stop)), {.mode = store::TransactionMode::kRead}, stop,
      [&](store::Connection& sql) -> Result<TranscriptVersion> {
        Opened opened = KATIP_TRY(open(sql, principal, job_id, 0));
        return TranscriptVersion{opened.version, std::move(opened.transcript)};
      });
}

Result<TranscriptVersion> TranscriptEdits::save(store::Connection& sql, const Principal& principal,
                                                const Opened& opened, text::Transcript changed,
                                                std::optional<int> restored_version) {
  const auto changes = changes_between(opened.transcript.segments, changed.segments);
  if (changes.empty()) return TranscriptVersion{opened.version, std::move(changed)};
  const store::Timestamp now = store::to_timestamp(clock_.calendar());
  store::TranscriptEdit edit{.id = ids_.next(),
                             .job_id = opened.job.id,
                             .version = opened.version + 1,
                             .editor = actor_of(principal),
                             .created_at = now,
                             .changes = to_json(changes)};
  if (restored_version) {
    edit.kind = store::EditKind::kUndo;
    edit.restored_version = restored_version;
  }
  const Status inserted = store::insert_transcript_edit(sql, edit);
  if (!inserted && inserted.error().code == ErrorCode::kConflict) {
    return outdated(opened.version, opened.version + 1);
  }
  KATIP_TRY(inserted);
  const store::NewTranscript stored{
      .transcript = KATIP_TRY(text::write(changed, text::Format::kJson, {})),
      .text = text::full_text(changed)};
  const bool is_replaced = KATIP_TRY(store::replace_transcript(sql, opened.job.id, stored, now));
  if (!is_replaced) return fail(ErrorCode::kConflict, "the job is not completed");
  return TranscriptVersion{edit.version, std::move(changed)};
}

template <typename Change>
Result<TranscriptVersion> TranscriptEdits::change(const Principal& principal,
                                                  std::string_view job_id, int expected_version,
                                                  std::stop_token stop, Change change) {
  return store::run_transaction(*KATIP_TRY(pool_.acquire(stop)), {}, stop,
                                [&](store::Connection& sql) -> Result<TranscriptVersion> {
                                  const Opened opened =
                                      KATIP_TRY(open(sql, principal, job_id, expected_version));
                                  text::Transcript changed = opened.transcript;
                                  changed.segments = KATIP_TRY(change(sql, opened));
                                  return save(sql, principal, opened, std::move(changed), {});
                                });
}

Result<TranscriptVersion> TranscriptEdits::edit(const Principal& principal, std::string_view job_id,
                                                std::span<const SegmentEdit> edits,
                                                int expected_version, std::stop_token stop) {
  return change(principal, job_id, expected_version, std::move(stop),
                [&](store::Connection& sql, const Opened& opened) -> Result<std::vector<Segment>> {
                  auto segments = KATIP_TRY(edited_segments(opened.transcript, edits));
                  return with_former_segments(sql, opened.job.id, opened.version,
                                              opened.transcript.segments, std::move(segments));
                });
}

Result<TranscriptVersion> TranscriptEdits::split(const Principal& principal,
                                                 std::string_view job_id, const SegmentCut& cut,
                                                 int expected_version, std::stop_token stop) {
  return change(principal, job_id, expected_version, std::move(stop),
                [&](store::Connection&, const Opened& opened) {
                  return split_segments(opened.transcript, cut);
                });
}

Result<TranscriptVersion> TranscriptEdits::merge(const Principal& principal,
                                                 std::string_view job_id, std::int64_t index,
                                                 int expected_version, std::stop_token stop) {
  return change(principal, job_id, expected_version, std::move(stop),
                [&](store::Connection&, const Opened& opened) {
                  return merged_segments(opened.transcript.segments, index);
                });
}

Result<TranscriptVersion> TranscriptEdits::restore(const Principal& principal,
                                                   std::string_view job_id, int version,
                                                   int expected_version, std::stop_token stop) {
  return store::run_transaction(
      *KATIP_TRY(pool_.acquire(stop)), {}, stop,
      [&](store::Connection& sql) -> Result<TranscriptVersion> {
        const Opened opened = KATIP_TRY(open(sql, principal, job_id, expected_version));
        if (version < 1 || version >= opened.version) {
          return fail(ErrorCode::kInvalidArgument,
                      fmt::format("the transcript is at version {}; before it were the versions 1 "
                                  "to {}",
                                  opened.version, opened.version - 1));
        }
        text::Transcript changed = KATIP_TRY(
            transcript_at(sql, opened.job.id, opened.transcript, opened.version, version));
        return save(sql, principal, opened, std::move(changed), version);
      });
}

Result<std::vector<EditRecord>> TranscriptEdits::history(const Principal& principal,
                                                         std::string_view job_id, int count_max,
                                                         std::stop_token stop) {
  if (count_max < 1 || count_max > 200) {
    return fail(ErrorCode::kInvalidArgument, "limit is 1 to 200");
  }
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  const store::JobRecord job = KATIP_TRY(visible_job(*connection, principal, job_id));
  std::vector<EditRecord> records;
  for (store::TranscriptEdit& edit :
       KATIP_TRY(store::list_transcript_edits(*connection, job.id, 0, count_max))) {
    records.push_back({.version = edit.version,
                       .kind = edit.kind,
                       .restored_version = edit.restored_version,
                       .editor = std::move(edit.editor),
                       .created_at = edit.created_at,
                       .changes = KATIP_TRY(parse_changes(edit.changes))});
  }
  return records;
}

}  // namespace katip::app
