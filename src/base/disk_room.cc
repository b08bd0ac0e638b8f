#include "base/disk_room.h"

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "base/readable.h"

/// Tested by disk_room_test.cc.
namespace katip {

Status check_disk_room(const std::filesystem::path& folder, std::int64_t needed,
                       std::string_view advice) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (error) return std::unexpected(file_error("look at", folder, error.value()));
  const auto free = static_cast<std::int64_t>(space.available);
  if (free >= needed) return {};
  return fail(ErrorCode::kUnavailable,
              fmt::format("there is not enough room in {}: {} are needed and {} free; {}",
                          folder.string(), readable_bytes(needed), readable_bytes(free), advice));
}

}  // namespace katip
