#include "text/writers/time_stamp.h"

#include <algorithm>

// Tested by time_stamp_test.cc.
namespace katip::text {
namespace {

std::string padded(std::int64_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

}  // namespace

std::string time_stamp(std::int64_t time_ms, char mark) {
  return padded(time_ms / 3'600'000, 2) + ":" + padded(time_ms / 60'000 % 60, 2) + ":" +
         padded(time_ms / 1000 % 60, 2) + mark + padded(time_ms % 1000, 3);
}

std::string lyrics_stamp(std::int64_t time_ms) {
  return padded(time_ms / 60'000, 2) + ":" + padded(time_ms / 1000 % 60, 2) + "." +
         padded(time_ms / 10 % 100, 2);
}

}  // namespace katip::text
