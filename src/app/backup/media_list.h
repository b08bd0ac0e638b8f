#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/backup_manifest.h"
#include "base/result.h"

/// Which recordings belong to a backup: a text with one JSON object in each line.
/// docs/formats/backup.md.
namespace katip::app {

/// Whether a text is the key of a recording, so that it leads nowhere but into the folder `media`.
bool is_media_key(std::string_view text);

/// Makes `target`, flushed to the disk.
///
/// Errors: those of the files.
Status write_media_list(const std::filesystem::path& target,
                        const std::vector<StoredRecording>& recordings);

/// Reads what anybody may have written.
///
/// Errors: kCorruptData for what is no such list; those of the files.
Result<std::vector<StoredRecording>> read_media_list(const std::filesystem::path& path);

}  // namespace katip::app
