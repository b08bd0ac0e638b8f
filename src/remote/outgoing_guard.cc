#include "remote/outgoing_guard.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include "remote/curl/url.h"

// An address is read by the library that will also connect, so that both mean the same: it turns
// "0x7f.1", "2130706433" and "①②⑦.0.0.1" into 127.0.0.1 before anything is compared. What counts in
// the end are the numbers that the host is looked up as. Tested by outgoing_guard_test.cc.
namespace katip::remote {
namespace {

constexpr std::size_t kUrlSizeMax = 2048;
constexpr std::size_t kAddressCountMax = 64;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return result;
}

std::optional<int> number(std::string_view digits, int limit) {
  int value = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_whole = error == std::errc{} && end == digits.data() + digits.size();
  return is_whole && value >= 0 && value <= limit ? std::optional(value) : std::nullopt;
}

bool is_host_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  if (text.starts_with("*.")) text.remove_prefix(2);
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, fits);
}

/// Two readers of one URL may differ over such characters.
bool is_plain(std::string_view url) {
  return std::ranges::none_of(url, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f || c == '\\';
  });
}

std::unexpected<Error> forbidden(const std::string& host, std::string_view why) {
  return fail(ErrorCode::kPermissionDenied,
              fmt::format("{} {}; an administrator can allow it in `outgoing.allow`",
                          host.substr(0, 200), why));
}

}  // namespace

std::optional<OutgoingGuard::Entry> OutgoingGuard::parse(std::string_view text) {
  Entry entry;
  std::string rest = lower(text);
  const bool has_brackets = rest.starts_with('[');
  const std::size_t close = rest.find(']');
  if (has_brackets && close == std::string::npos) return std::nullopt;
  const std::size_t colon = rest.rfind(':');
  const bool has_port =
      colon != std::string::npos && (has_brackets ? colon == close + 1 : rest.find(':') == colon);
  if (has_port) {
    const auto port = number(std::string_view(rest).substr(colon + 1), 65'535);
    if (!port || *port == 0) return std::nullopt;
    entry.port = std::to_string(*port);
    rest.resize(colon);
  }
  if (has_brackets) {
    if (!rest.ends_with(']')) return std::nullopt;
    rest = rest.substr(1, close - 1);
  }
  const std::size_t slash = rest.find('/');
  entry.network = IpAddress::parse(std::string_view(rest).substr(0, slash));
  if (!entry.network) {
    entry.host = rest;
    return slash == std::string::npos && is_host_name(rest) ? std::optional(entry) : std::nullopt;
  }
  const int size_max = entry.network->is_v6() ? 128 : 32;
  const auto prefix_size = slash == std::string::npos
                               ? std::optional(size_max)
                               : number(std::string_view(rest).substr(slash + 1), size_max);
  if (!prefix_size) return std::nullopt;
  entry.prefix_size = *prefix_size;
  return entry;
}

Result<OutgoingGuard> OutgoingGuard::create(const std::vector<std::string>& allow,
                                            Resolver resolver) {
  OutgoingGuard guard;
  for (const std::string& text : allow) {
    auto entry = parse(text);
    if (!entry) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("`{}` is neither a host (nas, *.intra.example, nas:8080) nor a "
                              "network (10.2.0.0/16, [fd00::/8]:8080)",
                              text));
    }
    guard.entries_.push_back(*std::move(entry));
  }
  guard.resolver_ = resolver ? std::move(resolver) : Resolver(&resolve);
  return guard;
}

bool OutgoingGuard::is_allowed_host(const Target& target) const {
  std::string host = lower(target.host);
  if (host.ends_with('.')) host.pop_back();
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    const bool is_named = entry.host.starts_with("*.")
                              ? host.ends_with(std::string_view(entry.host).substr(1))
                              : !entry.host.empty() && host == entry.host;
    return is_named && (entry.port.empty() || entry.port == target.port);
  });
}

bool OutgoingGuard::is_allowed(const IpAddress& address, const std::string& port) const {
  const bool is_named = std::ranges::any_of(entries_, [&](const Entry& entry) {
    return entry.network && address.is_within(*entry.network, entry.prefix_size) &&
           (entry.port.empty() || entry.port == port);
  });
  return is_named || (address.is_plainly_public() && (port == "80" || port == "443"));
}

Result<OutgoingGuard::Target> OutgoingGuard::read(const std::string& url) const {
  if (url.size() > kUrlSizeMax) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the address is longer than {} bytes", kUrlSizeMax));
  }
  if (!is_plain(url)) {
    return fail(ErrorCode::kInvalidArgument,
                "the address has spaces, control characters or backslashes; write them as %20 "
                "and the like");
  }
  const AsciiUrl read = KATIP_TRY(ascii_url(url));
  if (read.has_user) {
    return fail(ErrorCode::kInvalidArgument,
                "an address with a user name or password in it is not accepted");
  }
  return Target{.url = read.url, .host = read.host, .port = read.port, .addresses = {}};
}

Status OutgoingGuard::check_numeric(const Target& target) const {
  const auto address = IpAddress::parse(target.host);
  if (address && !is_allowed(*address, target.port)) {
    return forbidden(target.host + ":" + target.port,
                     "is no public address with port 80 or 443, and is not connected to");
  }
  return {};
}

Status OutgoingGuard::check_text(const std::string& url) const {
  const Target target = KATIP_TRY(read(url));
  if (is_allowed_host(target)) return {};
  KATIP_TRY(check_numeric(target));
  // Only a network can allow another port then, and which one it is in shows when it is looked up.
  const bool is_usual = target.port == "80" || target.port == "443";
  const bool may_be_allowed = std::ranges::any_of(entries_, [&](const Entry& entry) {
    return entry.network && (entry.port.empty() || entry.port == target.port);
  });
  if (!is_usual && !may_be_allowed) {
    return forbidden("the port " + target.port, "is neither 80 nor 443");
  }
  return {};
}

Result<OutgoingGuard::Target> OutgoingGuard::check(const std::string& url) const {
  Target target = KATIP_TRY(read(url));
  if (const auto address = IpAddress::parse(target.host)) {
    target.addresses = {*address};
  } else {
    target.addresses = KATIP_TRY(resolver_(target.host));
  }
  if (target.addresses.empty() || target.addresses.size() > kAddressCountMax) {
    return fail(ErrorCode::kUnavailable, target.host + " has no usable address");
  }
  if (is_allowed_host(target)) return target;
  for (const IpAddress& address : target.addresses) {
    if (!is_allowed(address, target.port)) {
      // Which address it is would tell a stranger about this network.
      return forbidden(target.host + ":" + target.port,
                       "does not lead to public addresses with port 80 or 443 only, and is not "
                       "connected to");
    }
  }
  return target;
}

Result<std::vector<IpAddress>> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) {
    return fail(ErrorCode::kUnavailable, "the host " + host.substr(0, 200) + " is not known");
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  std::vector<IpAddress> addresses;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    const auto address = IpAddress::from(*each->ai_addr);
    if (address && std::ranges::find(addresses, *address) == addresses.end()) {
      addresses.push_back(*address);
    }
  }
  return addresses;
}

}  // namespace katip::remote
