#include "jobs/storable_text.h"

#include "base/utf8.h"

/// Tested by storable_text_test.cc.
namespace katip::jobs {
std::string storable_text(std::string_view text, std::size_t size_max) {
  std::string result;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const std::string_view letter = size == 0 ? std::string_view("?") : text.substr(0, size);
    if (result.size() + letter.size() > size_max) break;
    if (letter != std::string_view("\0", 1)) result += letter;
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return result;
}

}  // namespace katip::jobs
