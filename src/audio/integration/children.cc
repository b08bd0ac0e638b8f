#include "audio/integration/children.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

namespace katip::audio {

std::vector<pid_t> children() {
  std::vector<pid_t> found;
  std::error_code error;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::ifstream list(thread.path() / "children");
    found.insert(found.end(), std::istream_iterator<pid_t>(list), {});
  }
  return found;
}

char state_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  const size_t name_end = line.rfind(')');  // "12 (katip-decoder) S …"
  return name_end == std::string::npos ? '?' : line.at(name_end + 2);
}

std::vector<std::string> descriptors_of(const std::string& process) {
  std::map<int, std::string> by_number;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + process + "/fd", error)) {
    const auto target = std::filesystem::read_symlink(entry.path(), error);
    by_number.emplace(std::stoi(entry.path().filename()), target.string());
  }
  std::vector<std::string> targets;
  for (const auto& [number, target] : by_number) {
    targets.push_back(target);
  }
  return targets;
}

}  // namespace katip::audio
