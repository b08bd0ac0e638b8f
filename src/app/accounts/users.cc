#include <fmt/format.h>

#include "app/accounts/password_rules.h"
#include "app/accounts/state.h"
#include "base/utf8.h"
#include "store/transaction.h"

/// People: made, listed, changed, deleted. What must stay true of all of them together (somebody
/// can always log in as an administrator) is checked in serializable transactions.
///
/// Tested by accounts_test.cc.
namespace katip::app {
namespace {

constexpr int kPageSizeMax = 200;
constexpr std::size_t kDisplayNameSizeMax = 200;
constexpr store::RetryOptions kAlone{.mode = store::TransactionMode::kSerializable};

std::unexpected<Error> no_user() { return fail(ErrorCode::kNotFound, "there is no such user"); }

Status check_display_name(const std::string& name) {
  const bool has_control = std::ranges::any_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (name.size() > kDisplayNameSizeMax || has_control || !is_utf8(name)) {
    return fail(ErrorCode::kInvalidArgument,
                "display_name is a line of at most 200 bytes in UTF-8");
  }
  return {};
}

Result<store::UserRecord> find(store::Connection& sql, const std::string& id) {
  if (const auto user = KATIP_TRY(store::find_user(sql, id))) return *user;
  if (const auto login = fold_login(id)) {
    if (const auto user = KATIP_TRY(store::find_user_by_login(sql, *login))) return *user;
  }
  return no_user();
}

/// Before a user stops being an administrator who can log in.
Status check_not_last_admin(store::Connection& sql, const store::UserRecord& user) {
  const bool is_admin = user.role == name(Role::kAdmin) && user.is_active;
  if (!is_admin || KATIP_TRY(store::count_other_admins(sql, user.id)) > 0) return {};
  return fail(ErrorCode::kConflict,
              fmt::format("{} is the last administrator who can log in; make another one first: "
                          "katip user create NAME --role admin",
                          user.login));
}

Status check_first(store::Connection& sql, Role role) {
  if (role == Role::kAdmin || !KATIP_TRY(store::list_users(sql, "", 1)).empty()) return {};
  return fail(ErrorCode::kConflict,
              "the first user has to be an administrator, who can make the others");
}

}  // namespace

Result<User> Accounts::create_user(const Principal& who, const UserRequest& request,
                                   std::stop_token stop) {
  KATIP_TRY(require(who, Permission::kAdminister));
  const AccountTime now = state_->now();
  store::UserRecord user{.id = state_->ids.next(),
                         .login = KATIP_TRY(fold_login(request.login)),
                         .display_name = request.display_name,
                         .role = std::string(name(request.role)),
                         .password_changed_at = now,
                         .created_at = now,
                         .updated_at = now};
  KATIP_TRY(check_display_name(user.display_name));
  KATIP_TRY(check_password(request.password, user.login));
  user.password_hash = KATIP_TRY(state_->hasher.hash(request.password, stop));
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(stop));
  const Status status = store::run_transaction(
      *connection, kAlone, std::move(stop), [&](store::Connection& sql) -> Status {
        KATIP_TRY(check_first(sql, request.role));
        if (KATIP_TRY(store::find_user_by_login(sql, user.login))) {
          return fail(ErrorCode::kConflict, fmt::format("the login {} is taken", user.login));
        }
        return store::insert_user(sql, user);
      });
  if (!status) return std::unexpected(status.error());
  state_->forget();
  return to_user(user);
}

Result<std::vector<User>> Accounts::list_users(const Principal& who, const std::string& after,
                                               int count_max, std::stop_token stop) {
  KATIP_TRY(require(who, Permission::kAdminister));
  if (count_max < 1 || count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument, "a page has 1 to 200 users");
  }
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  std::vector<User> users;
  for (const auto& record : KATIP_TRY(store::list_users(*connection, after, count_max))) {
    users.push_back(to_user(record));
  }
  return users;
}

Result<User> Accounts::find_user(const Principal& who, const std::string& id,
                                 std::stop_token stop) {
  KATIP_TRY(require(who, Permission::kAdminister));
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  return to_user(KATIP_TRY(find(*connection, id)));
}

Result<User> Accounts::change_user(const Principal& who, const std::string& id,
                                   const UserChange& change, std::stop_token stop) {
  KATIP_TRY(require(who, Permission::kAdminister));
  if (change.display_name) KATIP_TRY(check_display_name(*change.display_name));
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(stop));
  const auto body = [&](store::Connection& sql) -> Result<store::UserRecord> {
    store::UserRecord user = KATIP_TRY(find(sql, id));
    const bool loses_role = change.role && *change.role != Role::kAdmin;
    const bool is_shut_out = change.is_active && !*change.is_active;
    if (loses_role || is_shut_out) KATIP_TRY(check_not_last_admin(sql, user));
    if (change.display_name) user.display_name = *change.display_name;
    if (change.role) user.role = name(*change.role);
    if (change.is_active) user.is_active = *change.is_active;
    user.updated_at = state_->now();
    if (!KATIP_TRY(store::change_user(sql, user, user.updated_at))) return no_user();
    if (is_shut_out) KATIP_TRY(store::delete_login_sessions_of(sql, user.id, ""));
    return user;
  };
  const auto user = store::run_transaction(*connection, kAlone, std::move(stop), body);
  if (!user) return std::unexpected(user.error());
  state_->forget();
  return to_user(*user);
}

Status Accounts::set_password(const Principal& who, const std::string& id, const Secret& password,
                              std::stop_token stop) {
  KATIP_TRY(require(who, Permission::kAdminister));
  const User user = KATIP_TRY(find_user(who, id, stop));
  KATIP_TRY(check_password(password, user.login));
  const std::string hash = KATIP_TRY(state_->hasher.hash(password, stop));
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(stop));
  KATIP_TRY(store::run_transaction(
      *connection, {}, std::move(stop), [&](store::Connection& sql) -> Status {
        if (!KATIP_TRY(store::set_password(sql, user.id, hash, state_->now()))) return no_user();
        KATIP_TRY(store::delete_login_sessions_of(sql, user.id, ""));
        return {};
      }));
  state_->forget();
  return {};
}

Status Accounts::delete_user(const Principal& who, const std::string& id, std::stop_token stop) {
  KATIP_TRY(require(who, Permission::kAdminister));
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(stop));
  KATIP_TRY(store::run_transaction(
      *connection, kAlone, std::move(stop), [&](store::Connection& sql) -> Status {
        const store::UserRecord user = KATIP_TRY(find(sql, id));
        KATIP_TRY(check_not_last_admin(sql, user));
        // Keys of a user without a user would have all of their scopes again.
        KATIP_TRY(store::revoke_keys_of(sql, user.login, state_->now()));
        if (!KATIP_TRY(store::delete_user(sql, user.id))) return no_user();
        // No login is spelled like this: who gets the same one next inherits nothing.
        return store::hand_over_records(sql, user.login, fmt::format("{}#{}", user.login, user.id));
      }));
  state_->forget();
  return {};
}

}  // namespace katip::app
