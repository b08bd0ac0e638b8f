#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace katip::http::testing {

/// A frame as clients send it, masked.
inline std::string client_frame(int opcode, std::string_view payload, bool is_final = true) {
  constexpr std::string_view kMask = "m\xA5s\x01";
  std::string frame(1, static_cast<char>((is_final ? 0x80 : 0) | opcode));
  if (payload.size() <= 125) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    const bool is_long = payload.size() > 0xFFFF;
    frame += static_cast<char>(is_long ? 0xFF : 0xFE);
    for (int shift = is_long ? 56 : 8; shift >= 0; shift -= 8) {
      frame += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> shift);
    }
  }
  frame += kMask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % 4]);
  }
  return frame;
}

}  // namespace katip::http::testing
