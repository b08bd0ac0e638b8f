#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "remote/ip_address.h"

namespace katip::remote {

/// Where a request may go whose address somebody else chose: a webhook, a recording by URL. Without
/// a guard such a request would reach whatever this machine reaches: its own services, those of its
/// neighbours, the keys that clouds keep at 169.254.169.254.
///
///   HttpOptions options;
///   options.guard = KATIP_TRY(OutgoingGuard::create({"hooks.intra.example", "10.2.0.0/16:8080"}));
///
/// http and https only, ports 80 and 443, no user name in the address, and a host all of whose
/// addresses are public ones. The name is looked up once for each request; the connection is made
/// to the addresses that were looked at and to no other, so a name that changes its mind gains
/// nothing. Proxies of the environment are not used: behind one nobody knows where a request goes.
///
/// Threads: immutable.
class OutgoingGuard {
 public:
  /// All addresses of a host. Errors: kUnavailable when there are none now.
  using Resolver = std::function<Result<std::vector<IpAddress>>(const std::string& host)>;

  /// `allow` names what is allowed besides: hosts ("nas", "*.intra.example") and networks
  /// ("10.2.0.0/16", "::1"), each with any port or with one of its own ("nas:8080",
  /// "[fd00::/8]:8080", "127.0.0.1:9000").
  ///
  /// Errors: kInvalidArgument, naming the entry.
  static Result<OutgoingGuard> create(const std::vector<std::string>& allow,
                                      Resolver resolver = {});

  /// What can be said of an address without looking up its host: for those who enter one.
  ///
  /// Errors: kInvalidArgument for what is no http address of a host; kPermissionDenied for a port
  ///         or a numeric host that is not allowed.
  [[nodiscard]] Status check_text(const std::string& url) const;

  /// Where to connect to.
  struct Target {
    std::string url;   ///< With its host as it is looked up: numeric, or in ASCII.
    std::string host;  ///< Without brackets.
    std::string port;
    std::vector<IpAddress> addresses;
  };
  /// Looks up the host as well. A host with one forbidden address is forbidden.
  ///
  /// Errors: as check_text(); kUnavailable when the host cannot be looked up.
  [[nodiscard]] Result<Target> check(const std::string& url) const;

 private:
  struct Entry {
    std::string host;                  ///< In lower case; "*.x" for all below x; empty: a network.
    std::optional<IpAddress> network;  ///< Of a network.
    int prefix_size = 0;
    std::string port;  ///< Empty: any.
  };
  OutgoingGuard() = default;
  static std::optional<Entry> parse(std::string_view text);
  [[nodiscard]] Result<Target> read(const std::string& url) const;
  [[nodiscard]] bool is_allowed_host(const Target& target) const;
  [[nodiscard]] bool is_allowed(const IpAddress& address, const std::string& port) const;
  [[nodiscard]] Status check_numeric(const Target& target) const;

  std::vector<Entry> entries_;
  Resolver resolver_;
};

/// Asks the system, which has limits of its own on how long that takes.
Result<std::vector<IpAddress>> resolve(const std::string& host);

}  // namespace katip::remote
