#include "http/monitor_gate.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "app/accounts.h"
#include "base/sha256.h"
#include "http/access/credentials.h"
#include "http/wire/base64.h"

/// Tested by monitor_gate_test.cc and tests/e2e/test_monitor_port.py.
namespace katip::http {
namespace {

constexpr std::int64_t kFailuresPerMinute = 30;
constexpr std::string_view kScheme = "Basic ";

std::string sha256_of(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.finish();
}

/// Who came in by the password. It is nobody's: there are no records of its own.
app::Principal operator_of_port() {
  return {.kind = app::PrincipalKind::kCommand,
          .name = "monitor",
          .permissions = app::permissions_of(app::Permission::kOperate),
          .sees_all = true};
}

Failure password_needed() {
  Failure failure(401, "UNAUTHENTICATED", "this port asks for the password MONITOR_PASSWORD");
  failure.headers.set("WWW-Authenticate", R"(Basic realm="katip", charset="UTF-8")");
  return failure;
}

}  // namespace

MonitorGate::MonitorGate(Secret password, Gate& other, const Clock& clock)
    : password_sha256_(sha256_of(password.reveal())), other_(other), failures_(clock) {}

/// Sums are compared, in constant time, so that neither the length nor the first wrong letter
/// shows.
bool MonitorGate::knows_password(const Request& request) const {
  const std::string_view header = request.headers.get("Authorization");
  if (!header.starts_with(kScheme)) return false;
  const auto decoded = base64_decoded(trimmed(header.substr(kScheme.size())));
  if (!decoded) return false;
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos) return false;
  const std::string given = sha256_of(std::string_view(*decoded).substr(colon + 1));
  return CRYPTO_memcmp(given.data(), password_sha256_.data(), given.size()) == 0;
}

std::expected<Headers, Failure> MonitorGate::admit(Request& request, const Route& route) {
  const std::string network = app::network_of(request.client_ip);
  const bool has_password = request.headers.has("Authorization");
  if (const auto state = failures_.look(network, {.quota = kFailuresPerMinute});
      has_password && !state.is_allowed) {
    Failure failure(429, "RATE_LIMITED", "too many wrong passwords from here; wait a while");
    failure.headers.set("Retry-After", std::to_string(state.reset.count()));
    return std::unexpected(std::move(failure));
  }
  if (!knows_password(request)) {
    if (has_password) failures_.take(network, {.quota = kFailuresPerMinute});
    return std::unexpected(password_needed());
  }
  // A browser sends the password by itself, also when a page of somebody else asks it to.
  if (may_change(request) && !is_from_own_page(request, {})) {
    return std::unexpected(
        Failure(403, "FOREIGN_PAGE", "a page of another origin may not do this"));
  }
  request.principal = operator_of_port();
  if (route.permission && !request.principal.may(*route.permission)) {
    return std::unexpected(
        Failure(403, "PERMISSION_DENIED",
                fmt::format("this port is for operating only; `{}` needs an account",
                            app::name(*route.permission))));
  }
  return Headers();
}

}  // namespace katip::http
