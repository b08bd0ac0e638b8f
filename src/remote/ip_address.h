#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace katip::remote {

/// An address as numbers, so that no spelling of it matters. An IPv4 address is kept as one, also
/// where an IPv6 one holds it inside: that is another address, which is reached another way.
///
/// Threads: a value type.
class IpAddress {
 public:
  /// "192.0.2.1" or "2001:db8::1" and nothing else: no port, no zone, no short forms of IPv4.
  static std::optional<IpAddress> parse(std::string_view text);
  /// Nothing for a family other than these two.
  static std::optional<IpAddress> from(const sockaddr& address);

  [[nodiscard]] bool is_v6() const { return is_v6_; }
  [[nodiscard]] std::string text() const;

  /// Whether the whole internet can reach it, by itself: not loopback, private, link-local, shared,
  /// multicast, documentation, unspecified or reserved, and not an IPv6 address that leads to an
  /// IPv4 one (mapped, NAT64, 6to4, Teredo), whichever that is.
  ///
  /// Source: the IANA special-purpose address registries.
  [[nodiscard]] bool is_plainly_public() const;

  /// Whether the first `prefix_size` bits are those of `network`.
  [[nodiscard]] bool is_within(const IpAddress& network, int prefix_size) const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  bool is_v6_ = false;
  std::array<std::uint8_t, 16> bytes_{};  ///< The first four of an IPv4 address.
};

}  // namespace katip::remote
