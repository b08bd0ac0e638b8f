#include "app/client_secrets.h"

#include <fmt/format.h>

#include "base/sha256.h"

/// Tested by client_secrets_test.cc.
namespace katip::app {
namespace {

std::string sum_of(std::string_view secret) {
  Sha256 sum;
  sum.update(secret);
  return sum.finish();
}

}  // namespace

std::optional<std::string> ClientSecrets::create(Principal principal, std::string session,
                                                 std::chrono::seconds valid_for) {
  const std::string secret = fmt::format("{}{:016x}{:016x}", kPrefix, rng_.next(), rng_.next());
  const auto now = clock_.calendar();
  principal.permissions = permissions_of(Permission::kTranscribe);
  principal.sees_all = false;
  principal.sees_all = false;
  Entry entry{.principal = std::move(principal),
              .session = std::move(session),
              .expires_at = now + valid_for};
  const bool is_kept = entries_.with_lock([&](Entries& entries) {
    std::erase_if(entries, [&](const auto& old) { return old.second.expires_at <= now; });
    if (entries.size() >= kCountMax) return false;
    entries.insert_or_assign(sum_of(secret), std::move(entry));
    return true;
  });
  return is_kept ? std::optional(secret) : std::nullopt;
}

std::optional<ClientSecrets::Entry> ClientSecrets::find(std::string_view secret) const {
  const auto now = clock_.calendar();
  return entries_.with_lock([&](const Entries& entries) -> std::optional<Entry> {
    const auto found = entries.find(sum_of(secret));
    if (found == entries.end() || found->second.expires_at <= now) return std::nullopt;
    return found->second;
  });
}

}  // namespace katip::app
