#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/headers.h"

namespace katip::http {

/// Where a request comes from.
struct Client {
  std::string ip = {};
  bool is_secure = false;  ///< By TLS, here or at a proxy.
};

/// Which header the proxies write. Only one is read: a proxy passes the other one on as a client
/// sent it.
enum class ProxyHeader { kXForwardedFor, kForwarded };

/// Proxies in front of the server, which say for whom they ask. What anybody else says of it is not
/// believed.
///
/// Threads: immutable.
/// Source:  RFC 7239.
class TrustedProxies {
 public:
  TrustedProxies() = default;  ///< None.
  /// "10.0.0.0/8", "::1", "192.0.2.7".
  ///
  /// Errors: kInvalidArgument, naming the text.
  static Result<TrustedProxies> parse(const std::vector<std::string>& networks, ProxyHeader header);

  /// The last address on the way that no proxy has, and whether it came by TLS to the proxy that it
  /// spoke with. Without a proxy: the peer.
  [[nodiscard]] Client client_of(const Headers& headers, const Client& peer) const;

 private:
  using Address = std::array<std::uint8_t, 16>;  // Those of IPv4 as ::ffff:a.b.c.d.
  struct Network {
    Address address;
    int bit_count;
  };
  struct Hop {
    std::string ip = {};
    std::string scheme = {};
  };
  static std::optional<Address> parse_address(std::string_view text);
  [[nodiscard]] bool is_trusted(std::string_view ip) const;
  [[nodiscard]] std::vector<Hop> hops_of(const Headers& headers) const;

  std::vector<Network> networks_;
  ProxyHeader header_ = ProxyHeader::kXForwardedFor;
};

}  // namespace katip::http
