#include "store/sqlite/write_turns.h"

#include <map>
#include <string>
#include <utility>

#include "base/guarded.h"

// Tested by write_turns_test.cc.
namespace katip::store::sqlite {

std::shared_ptr<WriteTurns> WriteTurns::of(const std::filesystem::path& canonical_path) {
  static Guarded<std::map<std::string, std::weak_ptr<WriteTurns>>> lines;
  return lines.with_lock([&](auto& all) {
    std::erase_if(all, [](const auto& line) { return line.second.expired(); });
    std::weak_ptr<WriteTurns>& known = all[canonical_path.string()];
    std::shared_ptr<WriteTurns> line = known.lock();
    if (line == nullptr) {
      line = std::make_shared<WriteTurns>();
      known = line;
    }
    return line;
  });
}

Result<WriteTurns::Turn> WriteTurns::take(std::chrono::milliseconds wait_max,
                                          std::stop_token stop) {
  KATIP_TRY(permits_.acquire(wait_max, std::move(stop)));
  return Turn(&permits_);
}

}  // namespace katip::store::sqlite
