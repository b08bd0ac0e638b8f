#include <boost/json.hpp>

#include "app/accounts/state.h"
#include "app/accounts/tokens.h"

/// Who asks. A key is found by its public half and compared by its checksum; whoever was let in is
/// remembered for some seconds, and what they used is written in batches.
///
/// Tested by accounts_test.cc.
namespace katip::app {
namespace {

/// One message for everything that can be wrong: it tells nobody what is there.
std::unexpected<Error> wrong_key() {
  return fail(ErrorCode::kUnauthenticated,
              "the API key is not valid; send one that is as `Authorization: Bearer kp_…`");
}

std::unexpected<Error> no_session() {
  return fail(ErrorCode::kUnauthenticated, "nobody is logged in here any more; log in again");
}

/// Scopes as they are stored. One that this version does not know allows nothing.
Permissions stored_permissions(const std::string& scopes) {
  Permissions permissions;
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(scopes, error);
  if (error || !parsed.is_array()) return permissions;
  for (const boost::json::value& scope : parsed.as_array()) {
    if (!scope.is_string()) continue;
    const auto known = parse_scopes({std::string(scope.as_string())});
    if (known) permissions |= *known;
  }
  return permissions;
}

/// A key that belongs to a user may no more than that user does now.
Principal principal_of(const store::KeyRecord& key) {
  Permissions permissions = stored_permissions(key.scopes);
  if (key.owner_role) {
    permissions &= permissions_of(parse_role(*key.owner_role).value_or(Role::kViewer));
  }
  return {.kind = PrincipalKind::kApiKey,
          .id = key.id,
          .name = key.name,
          .owner = key.owner.value_or(key.key_prefix),
          .permissions = permissions,
          .sees_all = sees_all(permissions),
          .priority_default = key.priority_default,
          .rate_limit_per_minute = key.rate_limit_per_minute,
          .daily_audio_seconds_limit = key.daily_audio_seconds_limit};
}

}  // namespace

Result<bool> Accounts::is_empty(std::stop_token stop) {
  const auto now = state_->clock.now();
  const auto known = state_->emptiness.with_lock([](const auto& value) { return value; });
  if (known && now < known->fresh_until) return known->is_empty;
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  const bool is_empty = !KATIP_TRY(store::has_accounts(*connection));
  const std::uint64_t generation = known ? known->generation : 0;
  state_->emptiness.with_lock([&](auto& value) {
    if (value && value->generation != generation) return;
    value = State::Emptiness{.is_empty = is_empty,
                             .fresh_until = now + state_->options.cache_time,
                             .generation = generation};
  });
  return is_empty;
}

Result<bool> Accounts::has_administrator(std::stop_token stop) {
  constexpr const char* kNobody = "00000000-0000-0000-0000-000000000000";
  constexpr int kPageSize = 1'000;
  const AccountTime now = state_->now();
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  if (KATIP_TRY(store::count_other_admins(*connection, kNobody)) > 0) return true;
  store::KeyFilter filter;
  for (;;) {
    const auto keys = KATIP_TRY(store::list_keys(*connection, filter, kPageSize));
    for (const store::KeyRecord& key : keys) {
      const bool works = key.is_active && key.is_owner_active.value_or(true) &&
                         (!key.expires_at || *key.expires_at > now);
      if (works && principal_of(key).may(Permission::kAdminister)) return true;
    }
    if (keys.size() < kPageSize) return false;
    filter.after = keys.back().id;
  }
}

Result<Principal> Accounts::authenticate_key(const Secret& key, std::stop_token stop) {
  const auto prefix = key_prefix_of(key.reveal());
  if (!prefix) return wrong_key();
  const std::string hash = token_hash(key);
  const AccountTime now = state_->now();
  auto entry = state_->cache.find(hash, state_->clock.now());
  if (!entry) {
    const std::uint64_t generation = state_->cache.generation();
    const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
    const auto record = KATIP_TRY(store::find_key_by_prefix(*connection, *prefix));
    const std::string expected = record ? record->key_hash : std::string(hash.size(), '0');
    const bool is_right = equal_in_constant_time(hash, expected);
    if (!record || !is_right || !record->is_active || !record->is_owner_active.value_or(true)) {
      return wrong_key();
    }
    entry = PrincipalCache::Entry{.principal = principal_of(*record),
                                  .row_id = record->id,
                                  .expires_at = record->expires_at,
                                  .fresh_until = state_->clock.now() + state_->options.cache_time};
    state_->cache.insert(hash, *entry, generation);
  }
  if (entry->expires_at && *entry->expires_at <= now) return wrong_key();
  state_->key_uses.add(entry->row_id, {.count = 1, .last_at = now});
  return std::move(entry->principal);
}

Result<bool> Accounts::still_works(const Principal& who, std::stop_token stop) {
  if (who.kind == PrincipalKind::kOpen) return is_empty(std::move(stop));
  if (who.kind == PrincipalKind::kCommand) return true;
  const std::string place = "works " + who.id;  // No hash of a token looks like this.
  auto entry = state_->cache.find(place, state_->clock.now());
  if (!entry) {
    const std::uint64_t generation = state_->cache.generation();
    const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
    entry = PrincipalCache::Entry{.principal = who,
                                  .row_id = who.id,
                                  .fresh_until = state_->clock.now() + state_->options.cache_time};
    if (who.kind == PrincipalKind::kUser) {
      const auto user = KATIP_TRY(store::find_user(*connection, who.id));
      if (!user || !user->is_active) return false;
    } else {
      const auto key = KATIP_TRY(store::find_key(*connection, who.id));
      if (!key || !key->is_active || !key->is_owner_active.value_or(true)) return false;
      entry->expires_at = key->expires_at;
    }
    state_->cache.insert(place, *entry, generation);
  }
  return !entry->expires_at || *entry->expires_at > state_->now();
}

Result<Principal> Accounts::authenticate_session(const Secret& token, std::stop_token stop) {
  if (!is_session_token(token.reveal())) return no_session();
  const std::string hash = token_hash(token);
  const AccountTime now = state_->now();
  auto entry = state_->cache.find(hash, state_->clock.now());
  if (!entry) {
    const std::uint64_t generation = state_->cache.generation();
    const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
    const auto found = KATIP_TRY(store::find_login_session(*connection, hash));
    if (!found || !found->user.is_active) return no_session();
    const AccountTime seen =
        std::max(found->session.last_seen_at, state_->session_uses.last_at(found->session.id));
    if (seen + state_->options.session_idle <= now) return no_session();
    entry = PrincipalCache::Entry{.principal = app::principal_of(found->user),
                                  .row_id = found->session.id,
                                  .expires_at = found->session.expires_at,
                                  .fresh_until = state_->clock.now() + state_->options.cache_time};
    state_->cache.insert(hash, *entry, generation);
  }
  if (entry->expires_at && *entry->expires_at <= now) return no_session();
  state_->session_uses.add(entry->row_id, {.count = 1, .last_at = now});
  return std::move(entry->principal);
}

Status Accounts::flush_usage(std::stop_token stop) {
  constexpr std::size_t kPiece = 500;
  const UsageLedger::Uses keys = state_->key_uses.take();
  const UsageLedger::Uses sessions = state_->session_uses.take();
  if (keys.empty() && sessions.empty()) return {};
  std::vector<store::KeyUsage> key_rows;
  for (const auto& [id, use] : keys) key_rows.push_back({id, use.count, use.last_at});
  std::vector<store::SessionTouch> session_rows;
  for (const auto& [id, use] : sessions) session_rows.push_back({id, use.last_at});
  std::size_t key_count = 0;
  std::size_t session_count = 0;
  const auto write = [&]() -> Status {
    const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(stop));
    for (; key_count < key_rows.size(); key_count += kPiece) {
      const std::size_t size = std::min(kPiece, key_rows.size() - key_count);
      KATIP_TRY(store::add_key_usage(*connection, std::span(key_rows).subspan(key_count, size)));
    }
    for (; session_count < session_rows.size(); session_count += kPiece) {
      const std::size_t size = std::min(kPiece, session_rows.size() - session_count);
      KATIP_TRY(store::touch_login_sessions(*connection,
                                            std::span(session_rows).subspan(session_count, size)));
    }
    return {};
  };
  const Status status = write();
  for (std::size_t i = key_count; i < key_rows.size() && !status; ++i) {
    state_->key_uses.add(key_rows[i].id,
                         {.count = key_rows[i].count, .last_at = key_rows[i].last_used_at});
  }
  for (std::size_t i = session_count; i < session_rows.size() && !status; ++i) {
    state_->session_uses.add(session_rows[i].id, {.count = 1, .last_at = session_rows[i].seen_at});
  }
  return status;
}

Status Accounts::prune(std::stop_token stop) {
  constexpr auto kDaysKept = std::chrono::days(90);
  const AccountTime now = state_->now();
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  KATIP_TRY(store::prune_login_sessions(*connection, now, now - state_->options.session_idle));
  KATIP_TRY(store::prune_key_days(*connection, store::to_text(now - kDaysKept).substr(0, 10)));
  return {};
}

}  // namespace katip::app
