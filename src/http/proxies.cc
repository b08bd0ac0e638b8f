#include "http/proxies.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/trimmed.h"

/// Each proxy adds who spoke with it at the end, so the way is read from its end: as long as the
/// one who speaks is a proxy of ours, what it says of the one before is believed.
///
/// Tested by proxies_test.cc.
namespace katip::http {
namespace {

constexpr int kBits = 128;
constexpr int kBitsOfV4 = 96;  // Before an address of IPv4.
constexpr std::size_t kHopCountMax = 32;

/// The values of all headers of this name, in their order, divided at commas outside of quotes.
std::vector<std::string> list_of(const Headers& headers, std::string_view name) {
  std::vector<std::string> items;
  for (const auto& [field, value] : headers) {
    if (!equals_ignoring_case(field, name)) continue;
    std::string item;
    bool is_quoted = false;
    for (const char c : value) {
      if (c == '"') is_quoted = !is_quoted;
      if (c == ',' && !is_quoted) {
        items.emplace_back(trimmed(item));
        item.clear();
      } else {
        item += c;
      }
    }
    items.emplace_back(trimmed(item));
  }
  return items;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return result;
}

/// "192.0.2.7:4711" -> "192.0.2.7"; "[2001:db8::1]:4711" -> "2001:db8::1".
std::string without_port(std::string_view text) {
  if (text.starts_with('[')) return std::string(text.substr(1, text.find(']') - 1));
  const std::size_t colon = text.find(':');
  const bool is_v4 = colon != text.npos && text.find(':', colon + 1) == text.npos;
  return std::string(is_v4 ? text.substr(0, colon) : text);
}

std::string unquoted(std::string_view text) {
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

}  // namespace

std::optional<TrustedProxies::Address> TrustedProxies::parse_address(std::string_view text) {
  const std::string copy(text);
  Address address{};
  std::array<std::uint8_t, 4> v4{};
  if (::inet_pton(AF_INET, copy.c_str(), v4.data()) == 1) {
    address[10] = address[11] = 0xff;
    std::ranges::copy(v4, address.begin() + 12);
    return address;
  }
  if (::inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks,
                                             ProxyHeader header) {
  TrustedProxies proxies;
  proxies.header_ = header;
  for (const std::string& text : networks) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const auto address = parse_address(text.substr(0, slash));
    const bool is_v4 = address && text.find(':') == text.npos;
    int bit_count = is_v4 ? kBits - kBitsOfV4 : kBits;
    const int bit_count_max = bit_count;
    const char* const end = text.data() + text.size();
    bool is_number = true;
    if (slash < text.size()) {
      const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, bit_count);
      is_number = error == std::errc{} && stop == end;
    }
    if (!address || !is_number || bit_count < 0 || bit_count > bit_count_max) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("`{}` is no network; 10.0.0.0/8, 192.0.2.7 and fd00::/8 are", text));
    }
    proxies.networks_.push_back(
        {.address = *address, .bit_count = bit_count + (is_v4 ? kBitsOfV4 : 0)});
  }
  return proxies;
}

bool TrustedProxies::is_trusted(std::string_view ip) const {
  const auto address = parse_address(ip);
  if (!address) return false;
  return std::ranges::any_of(networks_, [&](const Network& network) {
    const auto whole = static_cast<std::size_t>(network.bit_count / 8);
    const int rest = network.bit_count % 8;
    if (!std::equal(address->begin(), address->begin() + static_cast<std::ptrdiff_t>(whole),
                    network.address.begin())) {
      return false;
    }
    return rest == 0 || ((*address)[whole] ^ network.address[whole]) >> (8 - rest) == 0;
  });
}

std::vector<TrustedProxies::Hop> TrustedProxies::hops_of(const Headers& headers) const {
  std::vector<Hop> hops;
  if (header_ == ProxyHeader::kForwarded) {
    for (const std::string& element : list_of(headers, "Forwarded")) {
      Hop hop;
      std::string_view rest = element;
      while (!rest.empty()) {
        const std::string_view pair = trimmed(take_until(rest, ';'));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string value = unquoted(pair.substr(std::min(equals + 1, pair.size())));
        const std::string name = lower(pair.substr(0, equals));
        if (name == "for") hop.ip = without_port(value);
        if (name == "proto") hop.scheme = lower(value);
      }
      hops.push_back(std::move(hop));
    }
    return hops;
  }
  for (const std::string& text : list_of(headers, "X-Forwarded-For")) {
    hops.push_back({.ip = without_port(text)});
  }
  // Either each proxy adds its own, or the first one sets what holds for all.
  const std::vector<std::string> schemes = list_of(headers, "X-Forwarded-Proto");
  for (std::size_t i = 0; i < hops.size() && !schemes.empty(); ++i) {
    hops[i].scheme = lower(schemes.size() == hops.size() ? schemes[i] : schemes.back());
  }
  return hops;
}

Client TrustedProxies::client_of(const Headers& headers, const Client& peer) const {
  if (networks_.empty() || !is_trusted(peer.ip)) return peer;
  const std::vector<Hop> hops = hops_of(headers);
  Client client = peer;
  std::size_t left = std::min(hops.size(), kHopCountMax);
  for (auto hop = hops.rbegin(); left > 0 && is_trusted(client.ip); ++hop, --left) {
    // What is no address ("unknown", "_hidden") ends what can be known.
    if (!parse_address(hop->ip)) break;
    client.ip = hop->ip;
    if (!hop->scheme.empty()) client.is_secure = hop->scheme == "https";
  }
  return client;
}

}  // namespace katip::http
