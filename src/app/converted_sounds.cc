#include "app/converted_sounds.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "app/records/visible_job.h"
#include "base/utf8.h"
#include "store/transaction.h"

/// Tested by converted_sounds_test.cc.
namespace katip::app {
namespace {

using Text = std::optional<std::string>;

struct TextRule {
  const char* name;
  Text ConvertedSoundChange::* given;
  Text ConvertedSound::* kept;
  std::size_t size_max;
};
constexpr TextRule kTexts[] = {
    {"talent_id", &ConvertedSoundChange::talent_id, &ConvertedSound::talent_id, 64},
    {"acc_id", &ConvertedSoundChange::acc_id, &ConvertedSound::acc_id, 64},
    {"file_name", &ConvertedSoundChange::file_name, &ConvertedSound::file_name, 500},
    {"source_url", &ConvertedSoundChange::source_url, &ConvertedSound::source_url, 2048},
    {"language", &ConvertedSoundChange::language, &ConvertedSound::language, 16},
    {"model", &ConvertedSoundChange::model, &ConvertedSound::model, 100},
    {"error", &ConvertedSoundChange::error, &ConvertedSound::error, 4000},
    {"transcript", &ConvertedSoundChange::transcript, &ConvertedSound::transcript, 10'000'000}};

std::unexpected<Error> bad(const std::string& message) {
  return fail(ErrorCode::kInvalidArgument, message);
}

Status set_texts(const ConvertedSoundChange& change, ConvertedSound& sound) {
  for (const TextRule& rule : kTexts) {
    const Text& given = change.*rule.given;
    if (!given) continue;
    const bool may_be_empty = std::string_view(rule.name) == "transcript";
    if (!is_utf8(*given) || given->contains('\0')) {
      return bad(fmt::format("{}: has to be text in UTF-8", rule.name));
    }
    if ((given->empty() && !may_be_empty) || given->size() > rule.size_max) {
      return bad(fmt::format("{}: has 1 to {} bytes", rule.name, rule.size_max));
    }
    sound.*rule.kept = given;
  }
  return {};
}

Status apply(store::Connection& sql, const Principal& principal, const ConvertedSoundChange& change,
             ConvertedSound& sound) {
  KATIP_TRY(set_texts(change, sound));
  if (change.duration_s) {
    if (!std::isfinite(*change.duration_s) || *change.duration_s < 0) {
      return bad("duration_s: is at least 0");
    }
    sound.duration_s = change.duration_s;
  }
  if (change.status) sound.status = *change.status;
  if (change.job_id) sound.job_id = KATIP_TRY(visible_job(sql, principal, *change.job_id)).id;
  if (sound.status == store::JobStatus::kCompleted && !sound.transcript) {
    return bad("transcript: what is completed has one");
  }
  if (sound.status == store::JobStatus::kFailed && !sound.error) {
    return bad("error: what has failed says why");
  }
  return {};
}

Result<ConvertedSound> find(store::Connection& sql, const Principal& principal,
                            std::string_view id) {
  auto sound = KATIP_TRY(store::find_converted_sound(sql, id));
  if (sound && principal.sees(sound->submitted_by.value_or(""))) return *std::move(sound);
  return fail(ErrorCode::kNotFound, "there is no such converted sound");
}

}  // namespace

Result<ConvertedSound> ConvertedSounds::create(const Principal& principal,
                                               const ConvertedSoundChange& change,
                                               std::stop_token stop) {
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  ConvertedSound sound;
  KATIP_TRY(apply(*connection, principal, change, sound));
  sound.id = ids_.next();
  if (!principal.owner.empty()) sound.submitted_by = principal.owner;
  sound.created_at = store::to_timestamp(clock_.calendar());
  KATIP_TRY(store::insert_converted_sound(*connection, sound));
  return find(*connection, principal, sound.id);
}

Result<ConvertedSound> ConvertedSounds::get(const Principal& principal, std::string_view id,
                                            std::stop_token stop) {
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  return find(*connection, principal, id);
}

Result<ConvertedSound> ConvertedSounds::update(const Principal& principal, std::string_view id,
                                               const ConvertedSoundChange& change,
                                               std::stop_token stop) {
  const auto connection = KATIP_TRY(pool_.acquire(stop));
  return store::run_transaction(
      *connection, {}, stop, [&](store::Connection& sql) -> Result<ConvertedSound> {
        ConvertedSound sound = KATIP_TRY(find(sql, principal, id));
        KATIP_TRY(apply(sql, principal, change, sound));
        sound.updated_at = store::to_timestamp(clock_.calendar());
        const bool is_there = KATIP_TRY(store::update_converted_sound(sql, sound));
        if (!is_there) return fail(ErrorCode::kNotFound, "there is no such converted sound");
        return sound;
      });
}

Status ConvertedSounds::remove(const Principal& principal, std::string_view id,
                               std::stop_token stop) {
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  const ConvertedSound sound = KATIP_TRY(find(*connection, principal, id));
  KATIP_TRY(store::delete_converted_sound(*connection, sound.id));
  return {};
}

Result<ConvertedSoundList> ConvertedSounds::list(const Principal& principal,
                                                 const ConvertedSoundQuery& query,
                                                 std::stop_token stop) {
  if (query.count_max < 1 || query.count_max > 200) return bad("limit is 1 to 200");
  std::optional<store::PageCursor> after;
  if (query.cursor) after = KATIP_TRY(store::parse_page_cursor(*query.cursor));
  ConvertedSoundFilter filter = query.filter;
  filter.submitted_by = shown_owner(principal);
  const auto connection = KATIP_TRY(pool_.acquire(std::move(stop)));
  auto page = KATIP_TRY(store::list_converted_sounds(*connection, filter, after, query.count_max));
  ConvertedSoundList list{.rows = std::move(page.rows), .next_cursor = {}};
  if (page.next) list.next_cursor = store::to_text(*page.next);
  return list;
}

}  // namespace katip::app
