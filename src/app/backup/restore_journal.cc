#include "app/backup/restore_journal.h"

#include <boost/json.hpp>

#include "app/backup/data_archive.h"
#include "app/json/text_field.h"
#include "base/atomic_file.h"

/// Tested by ../backup_restore_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kJournalSizeMax = 64 << 10;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

Status move(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return error ? std::unexpected(file_error("move", from, error.value())) : Status{};
}

Status remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? std::unexpected(file_error("remove", path, error.value())) : Status{};
}

/// Says that the backup has no such entry.
fs::path absence_of(const fs::path& data_dir, const char* name) {
  return data_dir / kRestoredFiles / (std::string(name) + ".absent");
}

}  // namespace

Status write_journal(const DatabasePlace& place, const RestoreJournal& journal) {
  KATIP_TRY(write_file_atomically(
      place.journal_file(),
      json::serialize(json::object{{"backup", journal.backup},
                                   {"is_swapping", journal.is_swapping},
                                   {"replaces_files", journal.replaces_files}})));
  return {};
}

Result<std::optional<RestoreJournal>> read_journal(const DatabasePlace& place) {
  const auto text = read_whole_file(place.journal_file(), kJournalSizeMax);
  if (!text && text.error().code == ErrorCode::kNotFound) return std::optional<RestoreJournal>();
  if (!text) return std::unexpected(text.error());
  boost::system::error_code error;
  const json::value value = json::parse(*text, error);
  const json::object* object = error ? nullptr : value.if_object();
  const auto flag = [&](const char* key) {
    const json::value* found = object == nullptr ? nullptr : object->if_contains(key);
    return found != nullptr && found->is_bool() ? std::optional(found->get_bool()) : std::nullopt;
  };
  const auto is_swapping = flag("is_swapping");
  const auto replaces_files = flag("replaces_files");
  if (!is_swapping || !replaces_files) {
    return fail(ErrorCode::kCorruptData,
                "the journal of a restore, " + place.journal_file().string() +
                    ", is damaged: docs/backups.md says what to look at before it is deleted");
  }
  return std::optional(RestoreJournal{.backup = text_in(*object, "backup"),
                                      .is_swapping = *is_swapping,
                                      .replaces_files = *replaces_files});
}

Status remove_journal(const DatabasePlace& place) {
  std::error_code error;
  fs::remove(place.journal_file(), error);
  sync_folder(place.journal_file().parent_path());
  return error ? std::unexpected(file_error("remove", place.journal_file(), error.value()))
               : Status{};
}

Status mark_absent(const fs::path& data_dir) {
  for (const char* name : kDataEntries) {
    if (is_there(data_dir / kRestoredFiles / name)) continue;
    KATIP_TRY(write_file_atomically(absence_of(data_dir, name), ""));
  }
  return {};
}

// A step that was taken leaves nothing to take: what comes is moved last, and what has no successor
// is moved aside once.
Status move_files(const fs::path& data_dir) {
  std::error_code error;
  fs::create_directories(data_dir / kReplacedFiles, error);
  for (const char* name : kDataEntries) {
    const fs::path staged = data_dir / kRestoredFiles / name;
    const fs::path aside = data_dir / kReplacedFiles / name;
    const fs::path live = data_dir / name;
    const bool is_coming = is_there(staged);
    if (!is_coming && !is_there(absence_of(data_dir, name))) continue;
    if (is_there(live) && !is_there(aside)) KATIP_TRY(move(live, aside));
    if (is_coming) KATIP_TRY(move(staged, live));
  }
  sync_folder(data_dir);
  return {};
}

Status remove_leftovers(const DatabasePlace& place, store::DatabaseCopies& copies) {
  KATIP_TRY(copies.drop(kReplacedCopy));
  KATIP_TRY(copies.drop(kRestoredCopy));
  KATIP_TRY(remove_tree(place.data_dir / kReplacedFiles));
  return remove_tree(place.data_dir / kRestoredFiles);
}

}  // namespace katip::app
