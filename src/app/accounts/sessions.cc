#include <fmt/format.h>

#include "app/accounts/password_rules.h"
#include "app/accounts/state.h"
#include "app/accounts/tokens.h"
#include "base/utf8.h"
#include "store/transaction.h"

/// Logging in and out. Failures are counted for a login and a network together, so that whoever
/// guesses from one place does not lock the rightful one out, who is somewhere else.
///
/// Tested by accounts_test.cc.
namespace katip::app {
namespace {

constexpr std::size_t kUserAgentSizeMax = 500;
constexpr std::size_t kIpSizeMin = 2;
constexpr std::size_t kIpSizeMax = 45;

std::unexpected<Error> wrong_login() {
  return fail(ErrorCode::kUnauthenticated, "the login or the password is wrong");
}

std::unexpected<Error> too_many(std::chrono::seconds wait) {
  return fail(ErrorCode::kOverloaded,
              fmt::format("too many failed logins from here; try again in {} s", wait.count()));
}

/// A try, counted before the password is looked at: many at once get no more tries than one after
/// the other. A success takes it back.
class Attempt {
 public:
  Attempt(RateLimiter& limiter, const AccountsOptions& options, std::string_view login,
          std::string_view ip)
      : limiter_(limiter),
        per_login_{.quota = options.login_failures_per_minute},
        per_network_{.quota = options.network_failures_per_minute},
        login_key_(fmt::format("login {} {}", login.substr(0, 100), network_of(ip))),
        network_key_("network " + network_of(ip)) {}

  [[nodiscard]] std::chrono::seconds wait() {
    const RateDecision login = limiter_.look(login_key_, per_login_);
    const RateDecision network = limiter_.look(network_key_, per_network_);
    return std::max(login.is_allowed ? std::chrono::seconds(0) : login.reset,
                    network.is_allowed ? std::chrono::seconds(0) : network.reset);
  }
  Status begin() {
    const RateDecision login = limiter_.take(login_key_, per_login_);
    if (!login.is_allowed) return too_many(login.reset);
    const RateDecision network = limiter_.take(network_key_, per_network_);
    if (network.is_allowed) return {};
    limiter_.give_back(login_key_);
    return too_many(network.reset);
  }
  void take_back() {
    limiter_.give_back(login_key_);
    limiter_.give_back(network_key_);
  }

 private:
  RateLimiter& limiter_;
  RateLimit per_login_;
  RateLimit per_network_;
  std::string login_key_;
  std::string network_key_;
};

Session to_session(const store::LoginSessionRecord& record, const std::string& current_hash) {
  return {.id = record.id,
          .ip = record.ip.value_or(""),
          .user_agent = record.user_agent.value_or(""),
          .created_at = record.created_at,
          .last_seen_at = record.last_seen_at,
          .expires_at = record.expires_at,
          .is_current = record.token_hash == current_hash};
}

/// What a client says it is, brought to what a column takes.
std::optional<std::string> kept_user_agent(const std::string& text) {
  if (!is_utf8(text) || text.contains('\0')) return std::nullopt;
  return text.substr(0, cut_size(text, kUserAgentSizeMax));
}

Status require_user(const Principal& who) {
  if (who.kind == PrincipalKind::kUser) return {};
  return fail(ErrorCode::kPermissionDenied, "only people who have logged in have sessions");
}

}  // namespace

std::chrono::seconds Accounts::login_wait(const std::string& login, const std::string& ip) {
  return Attempt(state_->failures, state_->options, fold_login(login).value_or(login), ip).wait();
}

Result<OpenedSession> Accounts::login(const LoginRequest& request, std::stop_token stop) {
  const std::string login = fold_login(request.login).value_or("");
  Attempt attempt(state_->failures, state_->options, login.empty() ? request.login : login,
                  request.ip);
  KATIP_TRY(attempt.begin());
  if (request.password.reveal().size() > kPasswordSizeMax) return wrong_login();
  std::optional<store::UserRecord> user;
  {  // No connection is held while a password is hashed.
    const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(stop));
    if (!login.empty()) user = KATIP_TRY(store::find_user_by_login(*connection, login));
  }
  const bool is_known = user && user->is_active;
  const auto is_match = is_known
                            ? state_->hasher.is_match(user->password_hash, request.password, stop)
                            : state_->hasher.refuse(request.password, stop);
  if (!is_match) attempt.take_back();  // Nobody looked at the password.
  if (!KATIP_TRY(is_match)) return wrong_login();

  const AccountTime now = state_->now();
  const Secret token = make_session_token(state_->rng);
  store::LoginSessionRecord session{.id = state_->ids.next(),
                                    .user_id = user->id,
                                    .token_hash = token_hash(token),
                                    .user_agent = kept_user_agent(request.user_agent),
                                    .created_at = now,
                                    .last_seen_at = now,
                                    .expires_at = now + state_->options.session_max};
  const std::size_t ip_size = request.ip.size();
  if (ip_size >= kIpSizeMin && ip_size <= kIpSizeMax) session.ip = request.ip;
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(stop));
  KATIP_TRY(store::run_transaction(
      *connection, {}, std::move(stop), [&](store::Connection& sql) -> Status {
        // Meanwhile the password may have changed, or the user may be gone.
        const auto again = KATIP_TRY(store::find_user(sql, user->id));
        if (!again || !again->is_active || again->password_hash != user->password_hash) {
          return wrong_login();
        }
        KATIP_TRY(store::insert_login_session(sql, session));
        KATIP_TRY(
            store::keep_newest_login_sessions(sql, user->id, state_->options.session_count_max));
        return store::set_last_login(sql, user->id, now);
      }));
  attempt.take_back();
  return OpenedSession{
      .token = token, .principal = principal_of(*user), .expires_at = session.expires_at};
}

Status Accounts::logout(const Secret& token, std::stop_token stop) {
  if (!is_session_token(token.reveal())) return {};
  const std::string hash = token_hash(token);
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  KATIP_TRY(store::delete_login_session_of_token(*connection, hash));
  state_->cache.erase(hash);
  return {};
}

Result<std::vector<Session>> Accounts::list_sessions(const Principal& who, const Secret& current,
                                                     std::stop_token stop) {
  KATIP_TRY(require_user(who));
  const std::string current_hash = token_hash(current);
  const AccountTime now = state_->now();
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  std::vector<Session> sessions;
  for (const auto& record : KATIP_TRY(store::list_login_sessions(*connection, who.id))) {
    Session session = to_session(record, current_hash);
    session.last_seen_at = std::max(session.last_seen_at, state_->session_uses.last_at(record.id));
    const bool is_over =
        session.expires_at <= now || session.last_seen_at + state_->options.session_idle <= now;
    if (!is_over) sessions.push_back(std::move(session));
  }
  return sessions;
}

Status Accounts::end_session(const Principal& who, const std::string& id, std::stop_token stop) {
  KATIP_TRY(require_user(who));
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(std::move(stop)));
  if (!KATIP_TRY(store::delete_login_session(*connection, id, who.id))) {
    return fail(ErrorCode::kNotFound, "there is no such session");
  }
  state_->cache.clear();
  return {};
}

Status Accounts::change_password(const Principal& who, const Secret& old_password,
                                 const Secret& new_password, const Secret& current,
                                 std::stop_token stop) {
  KATIP_TRY(require_user(who));
  KATIP_TRY(check_password(new_password, who.owner));
  Attempt attempt(state_->failures, state_->options, "password of " + who.owner, "");
  KATIP_TRY(attempt.begin());
  std::optional<store::UserRecord> user;
  {
    const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(stop));
    user = KATIP_TRY(store::find_user(*connection, who.id));
  }
  if (!user) return fail(ErrorCode::kNotFound, "there is no such user");
  const auto is_match = state_->hasher.is_match(user->password_hash, old_password, stop);
  if (!is_match) attempt.take_back();
  if (!KATIP_TRY(is_match)) {
    return fail(ErrorCode::kInvalidArgument, "the old password is wrong");
  }
  const std::string hash = KATIP_TRY(state_->hasher.hash(new_password, stop));
  const store::PooledConnection connection = KATIP_TRY(state_->pool.acquire(stop));
  KATIP_TRY(store::run_transaction(
      *connection, {}, std::move(stop), [&](store::Connection& sql) -> Status {
        KATIP_TRY(store::set_password(sql, user->id, hash, state_->now()));
        KATIP_TRY(store::delete_login_sessions_of(sql, user->id, token_hash(current)));
        return {};
      }));
  attempt.take_back();
  state_->cache.clear();
  return {};
}

}  // namespace katip::app
