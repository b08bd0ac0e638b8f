#include "store/transcript_store.h"

#include "base/uuid.h"
#include "store/queries.h"
#include "store/row_fields.h"
#include "store/search/folded_words.h"

/// The statements are in sqlite/transcripts.sql and postgres/transcripts.sql.
///
/// Tested by conformance/transcripts_test.cc on both databases.
namespace katip::store {
namespace {

std::string_view query(Connection& sql, std::string_view name) {
  return Queries::of(sql.dialect()).get(name);
}

Result<TranscriptEdit> to_edit(const Row& row, std::string_view job_id) {
  TranscriptEdit edit;
  edit.id = KATIP_TRY(row.get<std::string>("id"));
  edit.job_id = job_id;
  edit.version = KATIP_TRY(int_of(row, "version"));
  edit.kind = KATIP_TRY(row.get<std::string>("kind")) == "undo" ? EditKind::kUndo : EditKind::kEdit;
  edit.restored_version = KATIP_TRY(optional_int_of(row, "restored_version"));
  edit.editor = KATIP_TRY(row.get<std::optional<std::string>>("editor"));
  edit.created_at = KATIP_TRY(time_of(row, "created_at"));
  edit.changes = KATIP_TRY(row.get<std::string>("changes"));
  return edit;
}

}  // namespace

Result<int> find_transcript_version(Connection& sql, std::string_view job_id) {
  if (!is_uuid(job_id)) return 1;
  const Rows rows = KATIP_TRY(sql.query(query(sql, "find_transcript_version"), {job_id}));
  return int_of(rows[0], "version");
}

Status insert_transcript_edit(Connection& sql, const TranscriptEdit& edit) {
  KATIP_TRY(
      sql.query(query(sql, "insert_transcript_edit"),
                {edit.id, edit.job_id, edit.version, edit.kind == EditKind::kUndo ? "undo" : "edit",
                 edit.restored_version, edit.editor, to_text(edit.created_at), edit.changes}));
  return {};
}

Result<bool> replace_transcript(Connection& sql, std::string_view job_id,
                                const NewTranscript& transcript, Timestamp now) {
  if (!is_uuid(job_id)) return false;
  const Rows rows = KATIP_TRY(sql.query(query(sql, "find_job_names"), {job_id}));
  if (rows.empty()) return false;
  const auto name = KATIP_TRY(rows[0].get<std::optional<std::string>>("source_name"));
  const Rows changed =
      KATIP_TRY(sql.query(query(sql, "replace_transcript"),
                          {job_id, transcript.transcript, transcript.text,
                           search_text(name.value_or("") + "\n" + transcript.text), to_text(now)}));
  return changed.affected_count() > 0;
}

Result<std::vector<TranscriptEdit>> list_transcript_edits(Connection& sql, std::string_view job_id,
                                                          int above_version, int count_max) {
  std::vector<TranscriptEdit> edits;
  if (!is_uuid(job_id)) return edits;
  const Rows rows =
      KATIP_TRY(sql.query(query(sql, "list_transcript_edits"), {job_id, above_version, count_max}));
  for (const Row row : rows) edits.push_back(KATIP_TRY(to_edit(row, job_id)));
  return edits;
}

}  // namespace katip::store
