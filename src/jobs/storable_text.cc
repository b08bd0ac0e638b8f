#include "jobs/storable_text.h"

#include <cstdint>

/// Tested by storable_text_test.cc.
namespace katip::jobs {
namespace {

/// How many bytes the letter at the start has; 0 when these bytes are none.
std::size_t letter_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  const std::size_t size = first < 0x80                    ? 1
                           : first >= 0xC2 && first < 0xE0 ? 2
                           : first >= 0xE0 && first < 0xF0 ? 3
                           : first >= 0xF0 && first < 0xF5 ? 4
                                                           : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Longer than need be, a surrogate, or beyond the last letter.
  const bool is_none = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
                       (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F);
  return is_none ? 0 : size;
}

}  // namespace

std::string storable_text(std::string_view text, std::size_t size_max) {
  std::string result;
  while (!text.empty()) {
    const std::size_t size = letter_size(text);
    const std::string_view letter = size == 0 ? std::string_view("?") : text.substr(0, size);
    if (result.size() + letter.size() > size_max) break;
    if (letter != std::string_view("\0", 1)) result += letter;
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return result;
}

}  // namespace katip::jobs
