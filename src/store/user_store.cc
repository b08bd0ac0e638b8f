#include "store/user_store.h"

#include <boost/json.hpp>

#include "base/uuid.h"
#include "store/queries.h"
#include "store/row_fields.h"

/// The statements are in sqlite/accounts.sql and postgres/accounts.sql.
///
/// Tested by conformance/users_test.cc on both databases.
namespace katip::store {
namespace {

constexpr int kPageSizeMax = 1'000;

Result<UserRecord> to_user(const Row& row) {
  UserRecord user;
  user.id = KATIP_TRY(row.get<std::string>("id"));
  user.login = KATIP_TRY(row.get<std::string>("login"));
  user.display_name = KATIP_TRY(row.get<std::string>("display_name"));
  user.password_hash = KATIP_TRY(row.get<std::string>("password_hash"));
  user.role = KATIP_TRY(row.get<std::string>("role"));
  user.is_active = KATIP_TRY(row.get<bool>("is_active"));
  user.last_login_at = KATIP_TRY(optional_time_of(row, "last_login_at"));
  user.password_changed_at = KATIP_TRY(time_of(row, "password_changed_at"));
  user.created_at = KATIP_TRY(time_of(row, "created_at"));
  user.updated_at = KATIP_TRY(time_of(row, "updated_at"));
  return user;
}

Result<LoginSessionRecord> to_session(const Row& row) {
  LoginSessionRecord session;
  session.id = KATIP_TRY(row.get<std::string>("session_id"));
  session.user_id = KATIP_TRY(row.get<std::string>("user_id"));
  session.token_hash = KATIP_TRY(row.get<std::string>("token_hash"));
  session.ip = KATIP_TRY(row.get<std::optional<std::string>>("ip"));
  session.user_agent = KATIP_TRY(row.get<std::optional<std::string>>("user_agent"));
  session.created_at = KATIP_TRY(time_of(row, "session_created_at"));
  session.last_seen_at = KATIP_TRY(time_of(row, "last_seen_at"));
  session.expires_at = KATIP_TRY(time_of(row, "expires_at"));
  return session;
}

Result<std::optional<UserRecord>> first_user(const Rows& rows) {
  if (rows.empty()) return std::optional<UserRecord>();
  return std::optional(KATIP_TRY(to_user(rows[0])));
}

/// Whether a statement that names one row changed it.
Result<bool> change_one(Connection& sql, std::string_view statement,
                        std::initializer_list<Value> parameters) {
  return KATIP_TRY(run_statement(sql, statement, parameters)).affected_count() > 0;
}

}  // namespace

Status insert_user(Connection& sql, const UserRecord& user) {
  KATIP_TRY(run_statement(sql, "insert_user",
                          {user.id, user.login, user.display_name, user.password_hash, user.role,
                           user.is_active, to_text(user.created_at)}));
  return {};
}

Result<std::optional<UserRecord>> find_user(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return std::optional<UserRecord>();
  return first_user(KATIP_TRY(run_statement(sql, "find_user", {id})));
}

Result<std::optional<UserRecord>> find_user_by_login(Connection& sql, std::string_view login) {
  return first_user(KATIP_TRY(run_statement(sql, "find_user_by_login", {login})));
}

Result<std::vector<UserRecord>> list_users(Connection& sql, std::string_view after, int count_max) {
  if (count_max < 1 || count_max > kPageSizeMax) {
    return fail(ErrorCode::kInvalidArgument, "a page has 1 to 1,000 users");
  }
  const Rows rows = KATIP_TRY(run_statement(sql, "list_users", {after, count_max}));
  std::vector<UserRecord> users;
  for (const Row row : rows) users.push_back(KATIP_TRY(to_user(row)));
  return users;
}

Result<bool> change_user(Connection& sql, const UserRecord& user, Timestamp now) {
  if (!is_uuid(user.id)) return false;
  return change_one(sql, "change_user",
                    {user.id, user.display_name, user.role, user.is_active, to_text(now)});
}

Result<bool> set_password(Connection& sql, std::string_view id, std::string_view password_hash,
                          Timestamp now) {
  if (!is_uuid(id)) return false;
  return change_one(sql, "set_user_password", {id, password_hash, to_text(now)});
}

Status set_last_login(Connection& sql, std::string_view id, Timestamp now) {
  KATIP_TRY(run_statement(sql, "set_last_login", {id, to_text(now)}));
  return {};
}

Result<bool> delete_user(Connection& sql, std::string_view id) {
  if (!is_uuid(id)) return false;
  return change_one(sql, "delete_user", {id});
}

Status hand_over_records(Connection& sql, std::string_view owner, std::string_view heir) {
  for (const char* statement :
       {"hand_over_jobs", "hand_over_uploads", "hand_over_sounds", "hand_over_webhooks",
        "hand_over_keys", "hand_over_speakers", "hand_over_artifacts", "hand_over_events",
        "hand_over_sales", "hand_over_messages", "hand_over_sessions"}) {
    KATIP_TRY(run_statement(sql, statement, {owner, heir}));
  }
  return {};
}

Result<std::int64_t> count_other_admins(Connection& sql, std::string_view id) {
  const Rows rows = KATIP_TRY(run_statement(sql, "count_other_admins", {id}));
  return rows[0].get<std::int64_t>(0);
}

Status insert_login_session(Connection& sql, const LoginSessionRecord& session) {
  KATIP_TRY(run_statement(
      sql, "insert_login_session",
      {session.id, session.user_id, session.token_hash, session.ip, session.user_agent,
       to_text(session.created_at), to_text(session.expires_at)}));
  return {};
}

Result<std::optional<SessionOfUser>> find_login_session(Connection& sql,
                                                        std::string_view token_hash) {
  const Rows rows = KATIP_TRY(run_statement(sql, "find_login_session", {token_hash}));
  if (rows.empty()) return std::optional<SessionOfUser>();
  SessionOfUser found{.session = KATIP_TRY(to_session(rows[0])),
                      .user = KATIP_TRY(to_user(rows[0]))};
  found.user.password_hash.clear();
  return std::optional(std::move(found));
}

Result<std::vector<LoginSessionRecord>> list_login_sessions(Connection& sql,
                                                            std::string_view user_id) {
  std::vector<LoginSessionRecord> sessions;
  if (!is_uuid(user_id)) return sessions;
  const Rows rows = KATIP_TRY(run_statement(sql, "list_login_sessions", {user_id}));
  for (const Row row : rows) sessions.push_back(KATIP_TRY(to_session(row)));
  return sessions;
}

Result<bool> delete_login_session(Connection& sql, std::string_view id, std::string_view user_id) {
  if (!is_uuid(id) || !is_uuid(user_id)) return false;
  return change_one(sql, "delete_login_session", {id, user_id});
}

Result<bool> delete_login_session_of_token(Connection& sql, std::string_view token_hash) {
  return change_one(sql, "delete_login_session_of_token", {token_hash});
}

Result<std::int64_t> delete_login_sessions_of(Connection& sql, std::string_view user_id,
                                              std::string_view token_hash_kept) {
  const Rows rows =
      KATIP_TRY(run_statement(sql, "delete_login_sessions_of", {user_id, token_hash_kept}));
  return rows.affected_count();
}

Status keep_newest_login_sessions(Connection& sql, std::string_view user_id, int count) {
  KATIP_TRY(run_statement(sql, "keep_newest_login_sessions", {user_id, count}));
  return {};
}

Status touch_login_sessions(Connection& sql, std::span<const SessionTouch> touches) {
  if (touches.empty()) return {};
  boost::json::array list;
  for (const SessionTouch& touch : touches) {
    list.push_back({{"id", touch.id}, {"at", to_text(touch.seen_at)}});
  }
  KATIP_TRY(run_statement(sql, "touch_login_sessions", {boost::json::serialize(list)}));
  return {};
}

Result<std::int64_t> prune_login_sessions(Connection& sql, Timestamp now, Timestamp idle_since) {
  const Rows rows =
      KATIP_TRY(run_statement(sql, "prune_login_sessions", {to_text(now), to_text(idle_since)}));
  return rows.affected_count();
}

}  // namespace katip::store
