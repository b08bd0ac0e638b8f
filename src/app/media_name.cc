#include "app/media_name.h"

#include <algorithm>
#include <filesystem>

/// Tested by submit_test.cc.
namespace katip::app {

namespace fs = std::filesystem;

std::string safe_extension(const std::string& name) {
  constexpr std::size_t kSizeMax = 9;
  std::string extension = fs::path(name).extension().string();
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const bool is_safe = extension.size() > 1 && extension.size() <= kSizeMax &&
                       std::all_of(extension.begin() + 1, extension.end(), is_plain);
  return is_safe ? extension : "";
}

}  // namespace katip::app
