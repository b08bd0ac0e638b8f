#include "base/uuid.h"

#include <array>
#include <chrono>
#include <cstdint>

/// Tested by uuid_test.cc.
namespace katip {
namespace {

constexpr std::uint64_t kCounterMax = 0xFFF;

bool is_hyphen_place(std::size_t index) {
  return index == 8 || index == 13 || index == 18 || index == 23;
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::string spell(std::uint64_t high, std::uint64_t low) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::array<std::uint64_t, 2> halves{high, low};
  std::string text;
  for (std::size_t nibble = 0; nibble < 32; ++nibble) {
    if (is_hyphen_place(text.size())) {
      text += '-';
    }
    text += kDigits[halves[nibble / 16] >> (60 - 4 * (nibble % 16)) & 0xF];
  }
  return text;
}

}  // namespace

std::string UuidSource::next() {
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.calendar().time_since_epoch());
  const std::uint64_t random = rng_.next();
  const Last mine = last_.with_lock([&](Last& last) {
    const auto milliseconds = static_cast<std::uint64_t>(now.count()) & 0xFFFF'FFFF'FFFF;
    if (milliseconds > last.milliseconds) {
      last = {milliseconds, 0};
    } else if (++last.counter > kCounterMax) {  // Borrowed from the next millisecond.
      last = {last.milliseconds + 1, 0};
    }
    return last;
  });
  const std::uint64_t high = mine.milliseconds << 16 | 0x7000 | mine.counter;
  const std::uint64_t low = (random & 0x3FFF'FFFF'FFFF'FFFF) | 0x8000'0000'0000'0000;
  return spell(high, low);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) {
    return false;
  }
  for (std::size_t index = 0; index < text.size(); ++index) {
    const bool is_good = is_hyphen_place(index) ? text[index] == '-' : is_hex(text[index]);
    if (!is_good) {
      return false;
    }
  }
  return true;
}

}  // namespace katip
