#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// Versions of a transcript. What the machine wrote is version 1; each edit makes the next one.
///
///   // In one transaction: of two who edit the same version one gets kConflict.
///   KATIP_TRY(insert_transcript_edit(sql, {.job_id = id, .version = 2, …}));
///   KATIP_TRY(replace_transcript(sql, id, {.transcript = json, .text = text}, now));
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

enum class EditKind { kEdit, kUndo };

struct TranscriptEdit {
  std::string id;      ///< A uuid made by the caller.
  std::string job_id;  ///< Of the job's row.
  int version = 2;     ///< That this edit led to.
  EditKind kind = EditKind::kEdit;
  std::optional<int> restored_version = {};  ///< Of an undo.
  std::optional<std::string> editor = {};
  Timestamp created_at = {};
  std::string changes = "[]";  ///< A JSON array; app/transcript_edits.h knows what is in it.
};

/// 1 when nobody has edited it, or there is no such job.
Result<int> find_transcript_version(Connection& sql, std::string_view job_id);

/// Errors: kConflict when there is a version of this number already.
Status insert_transcript_edit(Connection& sql, const TranscriptEdit& edit);

struct NewTranscript {
  std::string transcript;  ///< JSON.
  std::string text;
};
/// What is searched follows. False: there is no completed job of this id.
Result<bool> replace_transcript(Connection& sql, std::string_view job_id,
                                const NewTranscript& transcript, Timestamp now);

/// Those that led to versions above `version`, the last one first.
Result<std::vector<TranscriptEdit>> list_transcript_edits(Connection& sql, std::string_view job_id,
                                                          int above_version, int count_max);

}  // namespace katip::store
