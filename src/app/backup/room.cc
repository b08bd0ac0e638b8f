#include "app/backup/room.h"

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "base/readable.h"

/// Tested by backup_folder_test.cc.
namespace katip::app {

Status check_room(const std::filesystem::path& folder, std::int64_t needed) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (error) return std::unexpected(file_error("look at", folder, error.value()));
  const auto free = static_cast<std::int64_t>(space.available);
  if (free >= needed) return {};
  return fail(ErrorCode::kUnavailable,
              fmt::format("there is not enough room in {}: {} are needed and {} free; make room or "
                          "name another folder (KATIP_BACKUP_DIR)",
                          folder.string(), readable_bytes(needed), readable_bytes(free)));
}

}  // namespace katip::app
