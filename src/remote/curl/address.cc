#include "remote/curl/address.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace katip::remote {
namespace {

struct Range {
  std::uint32_t network;
  int prefix_size;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c = 0,
                           std::uint32_t d = 0) {
  return (a << 24) | (b << 16) | (c << 8) | d;
}

constexpr std::array<Range, 15> kSpecial = {{
    {ip(0, 0), 8},           // this network
    {ip(10, 0), 8},          // private
    {ip(100, 64), 10},       // shared by carriers
    {ip(127, 0), 8},         // loopback
    {ip(169, 254), 16},      // link-local, where clouds keep their credentials
    {ip(172, 16), 12},       // private
    {ip(192, 0, 0), 24},     // protocol assignments
    {ip(192, 0, 2), 24},     // documentation
    {ip(192, 88, 99), 24},   // 6to4 relays
    {ip(192, 168), 16},      // private
    {ip(198, 18), 15},       // benchmarks
    {ip(198, 51, 100), 24},  // documentation
    {ip(203, 0, 113), 24},   // documentation
    {ip(224, 0), 4},         // multicast
    {ip(240, 0), 4},         // reserved and broadcast
}};

bool is_public_v4(std::uint32_t address) {
  return std::ranges::none_of(kSpecial, [&](const Range& range) {
    return (address ^ range.network) >> (32 - range.prefix_size) == 0;
  });
}

std::uint32_t v4_at(const std::uint8_t* bytes) {
  return ip(bytes[0], bytes[1], bytes[2], bytes[3]);
}

bool is_public_v6(const std::array<std::uint8_t, 16>& bytes) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::array<std::uint8_t, 12> kNat64 = {0, 0x64, 0xff, 0x9b};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin()) ||
      std::equal(kNat64.begin(), kNat64.end(), bytes.begin())) {
    return is_public_v4(v4_at(&bytes[12]));
  }
  if (bytes[0] == 0x20 && bytes[1] == 0x02) {  // 6to4
    return is_public_v4(v4_at(&bytes[2]));
  }
  // Only 2000::/3 is given out for the internet; within it, Teredo and documentation are not.
  const bool is_global = (bytes[0] & 0xe0) == 0x20;
  const bool is_special =
      bytes[0] == 0x20 && bytes[1] == 0x01 &&
      ((bytes[2] == 0 && bytes[3] == 0) || (bytes[2] == 0x0d && bytes[3] == 0xb8));
  return is_global && !is_special;
}

}  // namespace

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return is_public_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return is_public_v6(bytes);
  }
  return false;
}

}  // namespace katip::remote
