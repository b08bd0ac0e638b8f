#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"
#include "store/timestamp.h"

/// The rows of users and of login_sessions. Of a password there is an Argon2id hash here, of a
/// token its SHA-256.
///
/// Errors: those of Connection; kCorruptData for a row that cannot be read.
namespace katip::store {

struct UserRecord {
  std::string id = {};     ///< A uuid made by the caller.
  std::string login = {};  ///< Folded by the caller; 1 to 100 characters, unique.
  std::string display_name = {};
  std::string password_hash = {};  ///< "$argon2id$…".
  std::string role = "viewer";
  bool is_active = true;
  std::optional<Timestamp> last_login_at = {};
  Timestamp password_changed_at = {};
  Timestamp created_at = {};
  Timestamp updated_at = {};
};

/// Errors: kConflict when the login is taken.
Status insert_user(Connection& sql, const UserRecord& user);
Result<std::optional<UserRecord>> find_user(Connection& sql, std::string_view id);
Result<std::optional<UserRecord>> find_user_by_login(Connection& sql, std::string_view login);
/// By login, behind `after`. Errors: kInvalidArgument when count_max is not 1 to 1,000.
Result<std::vector<UserRecord>> list_users(Connection& sql, std::string_view after, int count_max);
/// Writes display_name, role and is_active. False: there is no such user.
Result<bool> change_user(Connection& sql, const UserRecord& user, Timestamp now);
Result<bool> set_password(Connection& sql, std::string_view id, std::string_view password_hash,
                          Timestamp now);
Status set_last_login(Connection& sql, std::string_view id, Timestamp now);
Result<bool> delete_user(Connection& sql, std::string_view id);
/// Everything that belongs to `owner` belongs to `heir` from now on.
Status hand_over_records(Connection& sql, std::string_view owner, std::string_view heir);
/// Administrators who may log in, without this one.
Result<std::int64_t> count_other_admins(Connection& sql, std::string_view id);

struct LoginSessionRecord {
  std::string id = {};  ///< A uuid made by the caller.
  std::string user_id = {};
  std::string token_hash = {};
  std::optional<std::string> ip = {};
  std::optional<std::string> user_agent = {};
  Timestamp created_at = {};
  Timestamp last_seen_at = {};
  Timestamp expires_at = {};
};

struct SessionOfUser {
  LoginSessionRecord session;
  UserRecord user;  ///< Without its password.
};

Status insert_login_session(Connection& sql, const LoginSessionRecord& session);
/// Whatever its age: the caller looks at the times.
Result<std::optional<SessionOfUser>> find_login_session(Connection& sql,
                                                        std::string_view token_hash);
/// The newest first, at most 1,000.
Result<std::vector<LoginSessionRecord>> list_login_sessions(Connection& sql,
                                                            std::string_view user_id);
/// False: this user has no such session.
Result<bool> delete_login_session(Connection& sql, std::string_view id, std::string_view user_id);
Result<bool> delete_login_session_of_token(Connection& sql, std::string_view token_hash);
/// All of a user but that of this token (an empty one: all of them).
Result<std::int64_t> delete_login_sessions_of(Connection& sql, std::string_view user_id,
                                              std::string_view token_hash_kept);
/// All but the `count` newest of a user.
Status keep_newest_login_sessions(Connection& sql, std::string_view user_id, int count);

struct SessionTouch {
  std::string id;
  Timestamp seen_at;
};
/// Moves the times of many sessions forward in one statement; never back.
Status touch_login_sessions(Connection& sql, std::span<const SessionTouch> touches);
/// Those whose time is over, or that were last seen before `idle_since`.
Result<std::int64_t> prune_login_sessions(Connection& sql, Timestamp now, Timestamp idle_since);

}  // namespace katip::store
