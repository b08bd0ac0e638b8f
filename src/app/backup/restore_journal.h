#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/database_use.h"
#include "base/result.h"
#include "store/database_copies.h"

namespace katip::app {

/// Names of the databases beside the live one, and of folders in the data folder.
inline constexpr const char* kRestoredCopy = "restore";
inline constexpr const char* kReplacedCopy = "before_restore";
inline constexpr const char* kRestoredFiles = ".restore";
inline constexpr const char* kReplacedFiles = ".before-restore";

/// What a restore has in hand, as a file that is written as a whole.
struct RestoreJournal {
  std::string backup;          ///< Its name, for people.
  bool is_swapping = false;    ///< False: everything it made can be thrown away.
  bool replaces_files = true;  ///< The backup has profiles and state.
};

Status write_journal(const DatabasePlace& place, const RestoreJournal& journal);
Result<std::optional<RestoreJournal>> read_journal(const DatabasePlace& place);
Status remove_journal(const DatabasePlace& place);

/// Notes which of the entries the unpacked backup does not have.
Status mark_absent(const std::filesystem::path& data_dir);
/// Puts profiles and state of the backup in the place of those that hold. Begun again it goes on
/// where it was.
Status move_files(const std::filesystem::path& data_dir);
/// Removes what a restore no longer needs.
Status remove_leftovers(const DatabasePlace& place, store::DatabaseCopies& copies);

}  // namespace katip::app
