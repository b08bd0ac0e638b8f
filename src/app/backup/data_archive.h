#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

/// What lies beside the database in the data folder and belongs to it, as one tar file.
namespace katip::app {

/// Profiles, state, and records that wait for their database.
inline constexpr const char* kDataEntries[] = {"profiles", "state.json", "fallback"};

/// Writes those of the entries that are there; regular files and folders, nothing else.
///
/// Errors: those of the files; kCancelled.
Status write_data_archive(const std::filesystem::path& data_dir,
                          const std::filesystem::path& target, std::stop_token stop);

/// Unpacks into an empty folder. Names that lead out of it, links and entries of other names are
/// refused.
///
/// Errors: kCorruptData; those of the files; kCancelled.
Status read_data_archive(const std::filesystem::path& archive, const std::filesystem::path& folder,
                         std::stop_token stop);

}  // namespace katip::app
