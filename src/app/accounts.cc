#include "app/accounts.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <sodium.h>

#include "app/accounts/state.h"

/// What people and keys are asked is in accounts/: authentication.cc, keys.cc, sessions.cc and
/// users.cc.
///
/// Tested by accounts_test.cc.
namespace katip::app {

Status AccountsOptions::validate() const {
  const auto within = [](std::string_view field, std::int64_t value, std::int64_t least,
                         std::int64_t most) -> Status {
    if (value >= least && value <= most) return {};
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("accounts: {} is {}, and has to be {} to {}", field, value, least, most));
  };
  KATIP_TRY(within("hash_memory_kib", hash_memory_kib, 8, 4'194'304));
  KATIP_TRY(within("hash_pass_count", hash_pass_count, 1, 100));
  KATIP_TRY(within("hash_concurrency", static_cast<std::int64_t>(hash_concurrency), 1, 1'024));
  KATIP_TRY(within("hash_waiter_count_max", static_cast<std::int64_t>(hash_waiter_count_max), 0,
                   1'000'000));
  KATIP_TRY(within("hash_wait in ms", hash_wait.count(), 1, 600'000));
  KATIP_TRY(within("cache_time in seconds", cache_time.count(), 0, 300));
  KATIP_TRY(within("cached_count_max", static_cast<std::int64_t>(cached_count_max), 1, 10'000'000));
  KATIP_TRY(within("session_idle in minutes", session_idle.count(), 1, 5'256'000));
  KATIP_TRY(within("session_max in minutes", session_max.count(), 1, 5'256'000));
  KATIP_TRY(within("session_count_max", session_count_max, 1, 1'000));
  KATIP_TRY(within("login_failures_per_minute", login_failures_per_minute, 1, 1'000'000));
  KATIP_TRY(within("network_failures_per_minute", network_failures_per_minute, 1, 1'000'000));
  return {};
}

Result<std::unique_ptr<Accounts>> Accounts::create(store::Pool& pool, const Clock& clock, Rng& rng,
                                                   const AccountsOptions& options) {
  KATIP_TRY(options.validate());
  if (sodium_init() < 0) {
    return fail(ErrorCode::kInternal, "libsodium does not start");
  }
  auto state = std::make_unique<State>(pool, clock, rng, options);
  return std::unique_ptr<Accounts>(new Accounts(std::move(state)));
}

Accounts::Accounts(std::unique_ptr<State> state) : state_(std::move(state)) {}
Accounts::~Accounts() = default;

void Accounts::State::forget() {
  cache.clear();
  emptiness.with_lock([](auto& known) {
    const std::uint64_t generation = known ? known->generation + 1 : 1;
    known = Emptiness{.generation = generation};
  });
}

Status require(const Principal& who, Permission permission) {
  if (who.may(permission)) return {};
  return fail(ErrorCode::kPermissionDenied,
              fmt::format("this needs the permission `{}`", name(permission)));
}

Result<std::string> fold_login(const std::string& login) {
  constexpr std::size_t kSizeMax = 100;
  constexpr std::string_view kSigns = "._-+@";
  std::string folded;
  for (const char c : login) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_plain = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
    if (!is_plain && !kSigns.contains(small)) folded.clear();
    if (!is_plain && !kSigns.contains(small)) break;
    folded += small;
  }
  if (folded.empty() || folded.size() > kSizeMax || folded.starts_with("kp_")) {
    return fail(ErrorCode::kInvalidArgument,
                "a login has 1 to 100 of the characters a-z, 0-9 and . _ - + @, and does not begin "
                "with `kp_`");
  }
  return folded;
}

User to_user(const store::UserRecord& record) {
  return {.id = record.id,
          .login = record.login,
          .display_name = record.display_name,
          .role = parse_role(record.role).value_or(Role::kViewer),
          .is_active = record.is_active,
          .last_login_at = record.last_login_at,
          .password_changed_at = record.password_changed_at,
          .created_at = record.created_at,
          .updated_at = record.updated_at};
}

Principal principal_of(const store::UserRecord& record) {
  const Permissions permissions = permissions_of(parse_role(record.role).value_or(Role::kViewer));
  return {.kind = PrincipalKind::kUser,
          .id = record.id,
          .name = record.login,
          .owner = record.login,
          .permissions = permissions,
          .sees_all = sees_all(permissions)};
}

}  // namespace katip::app
