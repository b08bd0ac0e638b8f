#include "store/converted_sound_store.h"

#include "base/uuid.h"
#include "store/pieces/select.h"
#include "store/queries.h"
#include "store/row_fields.h"

/// The statements are in sqlite/converted_sounds.sql and postgres/converted_sounds.sql.
///
/// Tested by conformance/logs_test.cc on both databases.
namespace katip::store {
namespace {

using Text = std::optional<std::string>;

std::string_view query(Connection& sql, std::string_view name) {
  return Queries::of(sql.dialect()).get(name);
}

Result<ConvertedSound> to_sound(const Row& row) {
  ConvertedSound sound;
  sound.id = KATIP_TRY(row.get<std::string>("id"));
  const auto status = parse_job_status(KATIP_TRY(row.get<std::string>("status")));
  if (!status) return fail(ErrorCode::kCorruptData, "sound " + sound.id + " has an unknown status");
  sound.status = *status;
  const std::pair<const char*, Text ConvertedSound::*> columns[] = {
      {"talent_id", &ConvertedSound::talent_id},   {"acc_id", &ConvertedSound::acc_id},
      {"file_name", &ConvertedSound::file_name},   {"source_url", &ConvertedSound::source_url},
      {"language", &ConvertedSound::language},     {"model", &ConvertedSound::model},
      {"transcript", &ConvertedSound::transcript}, {"error", &ConvertedSound::error},
      {"job_id", &ConvertedSound::job_id},         {"submitted_by", &ConvertedSound::submitted_by}};
  for (const auto& [column, member] : columns) sound.*member = KATIP_TRY(row.get<Text>(column));
  sound.duration_s = KATIP_TRY(row.get<std::optional<double>>("duration_s"));
  sound.created_at = KATIP_TRY(time_of(row, "created_at"));
  sound.updated_at = KATIP_TRY(time_of(row, "updated_at"));
  return sound;
}

}  // namespace

Status insert_converted_sound(Connection& sql, const ConvertedSound& sound) {
  KATIP_TRY(
      sql.query(query(sql, "insert_converted_sound"),
                {sound.id, sound.talent_id, sound.acc_id, name(sound.status), sound.file_name,
                 sound.source_url, sound.duration_s, sound.language, sound.model, sound.transcript,
                 sound.error, sound.job_id, sound.submitted_by, to_text(sound.created_at)}));
  return {};
}

Result<bool> update_converted_sound(Connection& sql, const ConvertedSound& sound) {
  if (!is_uuid(sound.id)) return false;
  const Rows rows = KATIP_TRY(
      sql.query(query(sql, "update_converted_sound"),
                {sound.id, sound.talent_id, sound.acc_id, name(sound.status), sound.file_name,
                 sound.source_url, sound.duration_s, sound.language, sound.model, sound.transcript,
                 sound.error, sound.job_id, to_text(sound.updated_at)}));
  return rows.affected_count() > 0;
}

Result<bool> delete_converted_sound(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return false;
  return KATIP_TRY(sql.query(query(sql, "delete_converted_sound"), {id})).affected_count() > 0;
}

Result<std::optional<ConvertedSound>> find_converted_sound(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return std::optional<ConvertedSound>();
  Select select(sql, "select_converted_sounds");
  select.add("sounds_with_id", {id});
  const Rows rows = KATIP_TRY(select.run());
  if (rows.empty()) return std::optional<ConvertedSound>();
  return std::optional(KATIP_TRY(to_sound(rows[0])));
}

Result<Page<ConvertedSound>> list_converted_sounds(Connection& sql,
                                                   const ConvertedSoundFilter& filter,
                                                   const std::optional<PageCursor>& after,
                                                   int count_max) {
  KATIP_TRY(check_page_size(count_max));
  Select select(sql, "select_converted_sounds");
  select.add_if("sounds_with_talent_id", filter.talent_id);
  select.add_if("sounds_with_acc_id", filter.acc_id);
  select.add_if("sounds_with_owner", filter.submitted_by);
  if (filter.status) select.add("sounds_with_status", {name(*filter.status)});
  if (filter.created_from) select.add("sounds_created_from", {to_text(*filter.created_from)});
  if (filter.created_before) select.add("sounds_created_before", {to_text(*filter.created_before)});
  if (after) select.add("sounds_after", {to_text(after->time), after->id});
  select.add("sounds_in_order", {count_max + 1});
  Page<ConvertedSound> page;
  for (const Row row : KATIP_TRY(select.run())) page.rows.push_back(KATIP_TRY(to_sound(row)));
  if (page.rows.size() > static_cast<std::size_t>(count_max)) {
    page.rows.pop_back();
    page.next = PageCursor{page.rows.back().created_at, page.rows.back().id};
  }
  return page;
}

}  // namespace katip::store
