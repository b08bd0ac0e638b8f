#include "http/access/credentials.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/trimmed.h"

/// Tested by credentials_test.cc.
namespace katip::http {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kSessionMark = "ks_";

/// "example.org:8002" -> "example.org"; "[::1]:8002" -> "[::1]".
std::string_view host_name(std::string_view host) {
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.find(':', bracket == host.npos ? 0 : bracket);
  return host.substr(0, colon);
}

/// The answer of a browser that says where the request came from; nothing when it says nothing.
std::optional<bool> browser_says_own(const Request& request,
                                     const std::vector<std::string>& origins) {
  const std::string_view origin = request.headers.get("Origin");
  if (!origin.empty()) {
    const std::size_t slashes = origin.find("://");
    const bool is_own = slashes != origin.npos && equals_ignoring_case(origin.substr(slashes + 3),
                                                                       request.headers.get("Host"));
    return is_own || std::ranges::find(origins, origin) != origins.end();
  }
  const std::string_view site = request.headers.get("Sec-Fetch-Site");
  if (!site.empty()) return site == "same-origin" || site == "none";
  return std::nullopt;
}

}  // namespace

std::string_view cookie_value(const Headers& headers, std::string_view name) {
  for (const auto& [field, value] : headers) {
    if (!equals_ignoring_case(field, "Cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::string_view pair = trimmed(take_until(rest, ';'));
      const std::size_t equals = pair.find('=');
      if (equals != pair.npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    }
  }
  return {};
}

Credentials read_credentials(const Headers& headers) {
  const std::string_view authorization = headers.get("Authorization");
  if (!authorization.empty()) {
    const bool is_bearer = authorization.size() > kBearer.size() &&
                           equals_ignoring_case(authorization.substr(0, kBearer.size()), kBearer);
    const std::string_view token =
        is_bearer ? trimmed(authorization.substr(kBearer.size())) : authorization;
    return {
        .kind = token.starts_with(kSessionMark) ? CredentialKind::kSession : CredentialKind::kKey,
        .secret = Secret(std::string(token))};
  }
  if (const std::string_view key = headers.get("X-API-Key"); !key.empty()) {
    return {.kind = CredentialKind::kKey, .secret = Secret(std::string(trimmed(key)))};
  }
  if (const std::string_view cookie = cookie_value(headers, kSessionCookie); !cookie.empty()) {
    return {.kind = CredentialKind::kCookie, .secret = Secret(std::string(cookie))};
  }
  return {};
}

std::string session_cookie(const Secret& token, std::int64_t seconds, bool is_secure) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}", kSessionCookie,
                     seconds > 0 ? token.reveal() : "", seconds, is_secure ? "; Secure" : "");
}

bool may_change(const Request& request) {
  const bool is_reading = request.method == Method::kGet || request.method == Method::kHead ||
                          request.method == Method::kOptions;
  return !is_reading || request.headers.has("Upgrade");
}

bool is_from_own_page(const Request& request, const std::vector<std::string>& origins) {
  return browser_says_own(request, origins)
      .value_or(!request.headers.get("X-Requested-With").empty());
}

bool is_not_from_foreign_page(const Request& request, const std::vector<std::string>& origins) {
  const bool is_for_all = std::ranges::find(origins, "*") != origins.end();
  return is_for_all || browser_says_own(request, origins).value_or(true);
}

bool came_through_proxy(const Headers& headers) {
  constexpr std::string_view kMarks[] = {"Forwarded",         "X-Forwarded-For", "X-Forwarded-Host",
                                         "X-Forwarded-Proto", "X-Real-IP",       "Via"};
  return std::ranges::any_of(kMarks, [&](std::string_view name) { return headers.has(name); });
}

bool is_for_loopback(const Headers& headers) {
  const std::string_view host = host_name(headers.get("Host"));
  const bool is_v4 = host.starts_with("127.") && std::ranges::all_of(host, [](char c) {
                       return c == '.' || (c >= '0' && c <= '9');
                     });
  return host.empty() || is_v4 || host == "[::1]" || equals_ignoring_case(host, "localhost");
}

}  // namespace katip::http
