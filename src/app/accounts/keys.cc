#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/accounts/state.h"
#include "app/accounts/tokens.h"
#include "app/recording.h"
#include "base/utf8.h"
#include "store/transaction.h"

/// Keys: made, listed, changed, revoked, deleted; and what they may have worked on in a day.
///
/// Tested by accounts_test.cc.
namespace katip::app {
namespace {

constexpr int kPageSizeMax = 200;
constexpr int kKeysOfAUserMax = 200;
constexpr std::size_t kNameSizeMax = 200;
constexpr int kRateLimitMax = 1'000'000;
constexpr int kDailySecondsMax = 100'000'000;
constexpr int kPriorityMax = 10;

Status within(std::string_view field, const std::optional<int>& value, int least, int most) {
  if (!value || (*value >= least && *value <= most)) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} has to be {} to {}", field, least, most));
}

Status check_name(const std::string& name) {
  const bool has_control = std::ranges::any_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (name.empty() || name.size() > kNameSizeMax || has_control || !is_utf8(name)) {
    return fail(ErrorCode::kInvalidArgument,
                "the name of a key is a line of 1 to 200 bytes in UTF-8");
  }
  return {};
}

/// What is checked of a new key and of one that was changed.
Status check(const store::KeyRecord& key) {
  KATIP_TRY(check_name(key.name));
  KATIP_TRY(within("rate_limit_per_minute", key.rate_limit_per_minute, 1, kRateLimitMax));
  KATIP_TRY(
      within("daily_audio_seconds_limit", key.daily_audio_seconds_limit, 1, kDailySecondsMax));
  return within("priority_default", key.priority_default, 0, kPriorityMax);
}

std::string spell_scopes(Permissions permissions) {
  return boost::json::serialize(boost::json::value_from(scope_names(permissions)));
}

std::vector<std::string> read_scopes(const std::string& text) {
  std::vector<std::string> scopes;
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(text, error);
  if (error || !parsed.is_array()) return scopes;
  for (const boost::json::value& scope : parsed.as_array()) {
    if (scope.is_string()) scopes.emplace_back(scope.as_string());
  }
  return scopes;
}

Key to_key(const store::KeyRecord& record) {
  return {.id = record.id,
          .name = record.name,
          .prefix = record.key_prefix,
          .owner = record.owner.value_or(record.key_prefix),
          .scopes = read_scopes(record.scopes),
          .rate_limit_per_minute = record.rate_limit_per_minute,
          .daily_audio_seconds_limit = record.daily_audio_seconds_limit,
          .priority_default = record.priority_default,
          .is_active = record.is_active,
          .expires_at = record.expires_at,
          .last_used_at = record.last_used_at,
          .usage_count = record.usage_count,
          .created_at = record.created_at,
          .updated_at = record.updated_at};
}

/// Keys do not make keys, unless they are an administrator's: one that leaked would go on for ever.
Status may_manage(const Principal& who) {
  if (who.may(Permission::kAdminister) || who.kind == PrincipalKind::kUser) return {};
  return fail(ErrorCode::kPermissionDenied,
              "a key manages keys only with the scope `admin`; log in to manage your own");
}

bool is_theirs(const Principal& who, const store::KeyRecord& key) {
  return who.may(Permission::kAdminister) ||
         (who.kind == PrincipalKind::kUser && key.owner == who.owner);
}

std::unexpected<Error> no_key() { return fail(ErrorCode::kNotFound, "there is no such key"); }

Result<store::KeyRecord> find(store::Connection& sql, const Principal& who, const std::string& id) {
  const bool is_prefix = id.starts_with("kp_");
  const auto key = is_prefix ? KATIP_TRY(store::find_key_by_prefix(sql, id))
                             : KATIP_TRY(store::find_key(sql, id));
  if (!key || !is_theirs(who, *key)) return no_key();
  return *key;
}

/// Nobody gives away more than they have, nor more than the user has whose key it will be.
Status check_scopes(store::Connection& sql, const Principal& who, const store::KeyRecord& key,
                    Permissions permissions) {
  if ((permissions & ~who.permissions).any()) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("you may not give a key these scopes: {}",
                            fmt::join(scope_names(permissions & ~who.permissions), ", ")));
  }
  const auto owner = KATIP_TRY(store::find_user_by_login(sql, key.owner.value_or("")));
  if (!owner) return {};
  const Permissions more =
      permissions & ~permissions_of(parse_role(owner->role).value_or(Role::kViewer));
  if (more.none()) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the owner {} has the role {} and may not: {}", owner->login, owner->role,
                          fmt::join(scope_names(more), ", ")));
}

Result<std::optional<std::string>> owner_of(const Principal& who, const KeyRequest& request) {
  const bool is_somebody = who.kind == PrincipalKind::kUser || who.kind == PrincipalKind::kApiKey;
  const auto own = is_somebody ? std::optional(who.owner) : std::nullopt;
  if (!request.owner || request.owner == own) return own;
  KATIP_TRY(require(who, Permission::kAdminister));
  if (request.owner->empty() || request.owner->size() > kNameSizeMax || !is_utf8(*request.owner)) {
    return fail(ErrorCode::kInvalidArgument, "the owner of a key has 1 to 200 bytes");
  }
  return request.owner;
}

/// On an open installation the first key ends the openness for everybody: not without a way back.
Status check_first(store::Connection& sql, const Principal& who, Permissions permissions) {
  const bool is_admin = permissions.test(static_cast<std::size_t>(Permission::kAdminister));
  if (who.kind != PrincipalKind::kOpen || is_admin || KATIP_TRY(store::has_accounts(sql))) {
    return {};
  }
  return fail(ErrorCode::kConflict,
              "the first key closes an open installation, and this one could not open it again; "
              "make an administrator first: katip user create NAME --role admin");
}

void apply(const KeyChange& change, store::KeyRecord& key) {
  if (change.name) key.name = *change.name;
  if (change.rate_limit_per_minute) key.rate_limit_per_minute = *change.rate_limit_per_minute;
  if (change.daily_audio_seconds_limit) {
    key.daily_audio_seconds_limit = *change.daily_audio_seconds_limit;
  }
  if (change.priority_default) key.priority_default = *change.priority_default;
  if (change.expires_at) key.expires_at = *change.expires_at;
  if (change.is_active) key.is_active = *change.is_active;
}

}  // namespace

Result<NewKey> Accounts::create_key(const Principal& who, const KeyRequest& request,
                                    std::stop_token stop) {
  KATIP_TRY(may_manage(who));
  const AccountTime now = state_->now();
  const Permissions permissions = KATIP_TRY(parse_scopes(request.scopes));
  const NewKeyText text = make_key(state_->rng);
  const store::KeyRecord key{.id = state_->ids.next(),
                             .name = request.name,
                             .key_prefix = text.prefix,
                             .key_hash = token_hash(text.key),
                             .owner = KATIP_TRY(owner_of(who, request)),
                             .scopes = spell_scopes(permissions),
                             .rate_limit_per_minute = request.rate_limit_per_minute,
                             .daily_audio_seconds_limit = request.daily_audio_seconds_limit,
                             .priority_default = request.priority_default,
                             .expires_at = request.expires_at,
                             .created_at = now,
                             .updated_at = now};
  KATIP_TRY(check(key));
  KATIP_TRY(check_priority(who, key.priority_default));
  if (key.expires_at && *key.expires_at <= now) {
    return fail(ErrorCode::kInvalidArgument, "expires_at has to be later than now");
  }
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(stop));
  KATIP_TRY(check_scopes(*connection, who, key, permissions));
  KATIP_TRY(check_first(*connection, who, permissions));
  if (!who.may(Permission::kAdminister)) {
    const auto keys =
        KATIP_TRY(store::list_keys(*connection, {.owner = key.owner}, kKeysOfAUserMax));
    if (keys.size() >= static_cast<std::size_t>(kKeysOfAUserMax)) {
      return fail(ErrorCode::kConflict, "you have 200 keys; delete some that are not used");
    }
  }
  KATIP_TRY(store::insert_key(*connection, key));
  state_->forget();
  return NewKey{.key = to_key(key), .secret = text.key};
}

Result<std::vector<Key>> Accounts::list_keys(const Principal& who, const std::string& after,
                                             int count_max, std::stop_token stop) {
  KATIP_TRY(may_manage(who));
  if (count_max < 1 || count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument, "a page has 1 to 200 keys");
  }
  store::KeyFilter filter;
  if (!who.may(Permission::kAdminister)) filter.owner = who.owner;
  if (!after.empty()) filter.after = after;
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  std::vector<Key> keys;
  for (const auto& record : KATIP_TRY(store::list_keys(*connection, filter, count_max))) {
    keys.push_back(to_key(record));
  }
  return keys;
}

Result<Key> Accounts::find_key(const Principal& who, const std::string& id, std::stop_token stop) {
  KATIP_TRY(may_manage(who));
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  return to_key(KATIP_TRY(find(*connection, who, id)));
}

Result<Key> Accounts::change_key(const Principal& who, const std::string& id,
                                 const KeyChange& change, std::stop_token stop) {
  KATIP_TRY(may_manage(who));
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(stop));
  const auto body = [&](store::Connection& sql) -> Result<store::KeyRecord> {
    store::KeyRecord key = KATIP_TRY(find(sql, who, id));
    apply(change, key);
    if (change.scopes) {
      const Permissions permissions = KATIP_TRY(parse_scopes(*change.scopes));
      KATIP_TRY(check_scopes(sql, who, key, permissions));
      key.scopes = spell_scopes(permissions);
    }
    KATIP_TRY(check(key));
    if (change.priority_default) KATIP_TRY(check_priority(who, key.priority_default));
    key.updated_at = state_->now();
    if (!KATIP_TRY(store::change_key(sql, key))) return no_key();
    return key;
  };
  const auto key = store::run_transaction(
      *connection, {.mode = store::TransactionMode::kSerializable}, std::move(stop), body);
  if (!key) return std::unexpected(key.error());
  state_->forget();
  return to_key(*key);
}

Result<Key> Accounts::revoke_key(const Principal& who, const std::string& id,
                                 std::stop_token stop) {
  return change_key(who, id, {.is_active = false}, std::move(stop));
}

Status Accounts::delete_key(const Principal& who, const std::string& id, std::stop_token stop) {
  KATIP_TRY(may_manage(who));
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  const store::KeyRecord key = KATIP_TRY(find(*connection, who, id));
  if (!KATIP_TRY(store::delete_key(*connection, key.id))) return no_key();
  state_->forget();
  return {};
}

Result<AudioUse> Accounts::check_audio(const Principal& who, std::stop_token stop) {
  const std::optional<int> limit = who.daily_audio_seconds_limit;
  if (who.kind != PrincipalKind::kApiKey || !limit) return AudioUse{};
  const std::string today = spell_time(state_->now()).substr(0, 10);
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  const double used = KATIP_TRY(store::find_key_audio(*connection, who.id, today));
  if (used < *limit) return AudioUse{.seconds = used, .limit = limit};
  return fail(ErrorCode::kOverloaded,
              fmt::format("this key has had its {} seconds of audio for today; the next day begins "
                          "at midnight UTC",
                          *limit));
}

std::chrono::seconds Accounts::audio_wait() const {
  const AccountTime now = state_->now();
  const auto tomorrow = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1);
  return std::chrono::ceil<std::chrono::seconds>(tomorrow - now);
}

}  // namespace katip::app
