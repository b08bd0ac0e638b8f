#include "app/backup/room.h"

#include "base/disk_room.h"

/// Tested by backup_folder_test.cc.
namespace katip::app {

Status check_room(const std::filesystem::path& folder, std::int64_t needed) {
  return check_disk_room(folder, needed, "make room or name another folder (KATIP_BACKUP_DIR)");
}

}  // namespace katip::app
