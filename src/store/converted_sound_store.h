#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/connection.h"
#include "store/job_store.h"
#include "store/page_cursor.h"
#include "store/timestamp.h"

/// Sounds that other systems hand over, under their own numbers: talent_id and acc_id.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

struct ConvertedSound {
  std::string id = {};                                     ///< A uuid made by the caller.
  std::optional<std::string> talent_id = {}, acc_id = {};  ///< 1 to 64 characters.
  JobStatus status = JobStatus::kQueued;
  std::optional<std::string> file_name = {}, source_url = {}, language = {}, model = {};
  std::optional<double> duration_s = {};
  std::optional<std::string> transcript = {};  ///< Has to be there when it is completed.
  std::optional<std::string> error = {};       ///< Has to be there when it failed.
  std::optional<std::string> job_id = {};      ///< Of the job's row.
  std::optional<std::string> submitted_by = {};
  Timestamp created_at = {}, updated_at = {};
};

struct ConvertedSoundFilter {
  std::optional<std::string> talent_id = {}, acc_id = {}, submitted_by = {};
  std::optional<JobStatus> status = {};
  std::optional<Timestamp> created_from = {}, created_before = {};
};

Status insert_converted_sound(Connection& sql, const ConvertedSound& sound);
/// Everything but who it belongs to and when it was made. False: it is not there.
Result<bool> update_converted_sound(Connection& sql, const ConvertedSound& sound);
Result<bool> delete_converted_sound(Connection& sql, std::string_view id);
Result<std::optional<ConvertedSound>> find_converted_sound(Connection& sql, std::string_view id);
/// Errors: kInvalidArgument when count_max is not 1 to 1,000.
Result<Page<ConvertedSound>> list_converted_sounds(Connection& sql,
                                                   const ConvertedSoundFilter& filter,
                                                   const std::optional<PageCursor>& after,
                                                   int count_max);

}  // namespace katip::store
