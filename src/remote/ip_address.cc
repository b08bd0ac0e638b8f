#include "remote/ip_address.h"

#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "remote/curl/address.h"

/// Tested by outgoing_guard_test.cc.
namespace katip::remote {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  IpAddress address;
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data()) == 1) return address;
  address.is_v6_ = true;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from(const sockaddr& address) {
  IpAddress result;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::memcpy(result.bytes_.data(), &v4.sin_addr, 4);
    return result;
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    result.is_v6_ = true;
    std::memcpy(result.bytes_.data(), &v6.sin6_addr, 16);
    return result;
  }
  return std::nullopt;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_v6_ ? AF_INET6 : AF_INET, bytes_.data(), text.data(), text.size());
  return text.data();
}

bool IpAddress::is_plainly_public() const {
  if (!is_v6_) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, bytes_.data(), 4);
    return is_public(reinterpret_cast<const sockaddr&>(v4));
  }
  // Mapped addresses and NAT64 are outside of 2000::/3, the internet of IPv6; 6to4 is in it.
  if ((bytes_[0] & 0xe0) != 0x20 || (bytes_[0] == 0x20 && bytes_[1] == 0x02)) return false;
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  std::memcpy(&v6.sin6_addr, bytes_.data(), 16);
  return is_public(reinterpret_cast<const sockaddr&>(v6));
}

bool IpAddress::is_within(const IpAddress& network, int prefix_size) const {
  if (is_v6_ != network.is_v6_) return false;
  for (int bit = 0; bit < prefix_size; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const int mask = 0x80 >> (bit % 8);
    if ((bytes_[byte] & mask) != (network.bytes_[byte] & mask)) return false;
  }
  return true;
}

}  // namespace katip::remote
