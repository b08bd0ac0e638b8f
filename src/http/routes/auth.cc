#include <boost/json.hpp>

#include "base/clock.h"
#include "http/access/credentials.h"
#include "http/routes/account_json.h"
#include "http/routes/record_answers.h"

/// Logging in and out, and what people do about themselves.
///
/// Tested by tests/e2e/test_access.py.
namespace katip::http {
namespace json = boost::json;
namespace {

Schema login_body() {
  return Schema::object({{"login", Schema::string().length(1, 100), Need::kRequired},
                         {"password", Schema::string().length(1, 1'024), Need::kRequired}});
}

Schema login_answer() {
  return Schema::object(
      {{"token",
        Schema::string().described("for programs; browsers have it as a cookie they cannot read"),
        Need::kRequired},
       {"expires_at", Schema::string().format("date-time"), Need::kRequired},
       {"principal", principal_schema(), Need::kRequired}});
}

Failure slowed_down(const Error& error, std::chrono::seconds wait) {
  Failure failure(error);
  failure.code = "RATE_LIMITED";
  failure.headers.set("Retry-After", std::to_string(std::max<std::int64_t>(1, wait.count())));
  return failure;
}

app::LoginRequest login_request(const Request& request) {
  return {.login = text_of(request.object(), "login").value_or(""),
          .password = Secret(text_of(request.object(), "password").value_or("")),
          .ip = request.client_ip,
          .user_agent = std::string(request.headers.get("User-Agent"))};
}

Answer log_in(const AccountDesk& desk, const app::LoginRequest& login, Caller caller) {
  const auto opened = desk.accounts.login(login, {});
  if (!opened) {
    const Error& error = opened.error();
    // What nobody looked at is in api.log only: a flood of guesses must not become one of rows.
    if (error.code == ErrorCode::kOverloaded) {
      return std::unexpected(slowed_down(error, desk.accounts.login_wait(login.login, login.ip)));
    }
    record(desk, caller, "login.refused", "user", login.login);
    return std::unexpected(Failure(error));
  }
  caller.principal = opened->principal;
  record(desk, caller, "login", "user", opened->principal.name);
  const auto left = std::chrono::floor<std::chrono::seconds>(
      opened->expires_at -
      std::chrono::floor<std::chrono::milliseconds>(system_clock().calendar()));
  Response response =
      native_response(json::object{{"token", opened->token.reveal()},
                                   {"expires_at", app::spell_time(opened->expires_at)},
                                   {"principal", to_json(opened->principal)}});
  response.headers.add("Set-Cookie", session_cookie(opened->token, left.count(), caller.is_secure));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Secret token_of(const Request& request) {
  const Credentials credentials = read_credentials(request.headers);
  return credentials.kind == CredentialKind::kKey ? Secret() : credentials.secret;
}

Answer log_out(const AccountDesk& desk, Request& request) {
  KATIP_TRY(desk.accounts.logout(token_of(request), {}));
  record(desk, caller_of(request), "logout", "user", request.principal.name);
  Response response = native_response(nullptr, "logged out");
  response.headers.add("Set-Cookie", session_cookie(Secret(), 0, request.is_secure));
  return response;
}

Answer list_sessions(const AccountDesk& desk, Request& request) {
  json::array items;
  for (const app::Session& session :
       KATIP_TRY(desk.accounts.list_sessions(request.principal, token_of(request), {}))) {
    items.push_back(to_json(session));
  }
  return list_response(std::move(items), std::nullopt, request);
}

Answer end_session(const AccountDesk& desk, Request& request) {
  const std::string& id = request.path_value("id");
  KATIP_TRY(desk.accounts.end_session(request.principal, id, {}));
  record(desk, caller_of(request), "session.end", "session", id);
  return native_response(nullptr, "the session has ended");
}

void change_password(const AccountDesk& desk, Request& request,
                     std::shared_ptr<Exchange> exchange) {
  const Secret before(text_of(request.object(), "old_password").value_or(""));
  const Secret after(text_of(request.object(), "new_password").value_or(""));
  auto work = [desk, before, after, current = token_of(request),
               caller = caller_of(request)]() -> Answer {
    const app::Principal& who = caller.principal;
    const Status changed = desk.accounts.change_password(who, before, after, current, {});
    if (!changed) return std::unexpected(Failure(changed.error()));
    record(desk, caller, "user.password", "user", who.name);
    return native_response(nullptr, "the password is changed; other sessions have ended");
  };
  answer_later(desk, std::move(exchange), std::move(work));
}

Route login_route(const AccountDesk& desk) {
  return {.method = Method::kPost,
          .path = "/api/v1/auth/login",
          .operation = "login",
          .summary = "Opens a session by login and password",
          .tag = "auth",
          .body_kind = BodyKind::kJson,
          .body = login_body(),
          .body_size_max = 16 << 10,
          .answers = {{200, "The session; also set as a cookie", envelope(login_answer())},
                      {401, "The login or the password is wrong"},
                      {429, "Too many failures from here; Retry-After says how long to wait"}},
          .handle_later = [desk](Request& request, std::shared_ptr<Exchange> exchange) {
            answer_later(desk, std::move(exchange),
                         [desk, login = login_request(request), caller = caller_of(request)] {
                           return log_in(desk, login, caller);
                         });
          }};
}

}  // namespace

void add_auth_routes(RouteTable& table, const AccountDesk& desk) {
  table.add(login_route(desk));
  table.add({.method = Method::kPost,
             .path = "/api/v1/auth/logout",
             .operation = "logout",
             .summary = "Ends the session that asks",
             .tag = "auth",
             .callers = Callers::kKnown,
             .answers = {{200, "It has ended", envelope(Schema::any())}},
             .handle = [desk](Request& request) { return log_out(desk, request); }});
  table.add(
      {.path = "/api/v1/auth/me",
       .operation = "me",
       .summary = "Who asks, and what they may do",
       .tag = "auth",
       .callers = Callers::kKnown,
       .answers = {{200, "A user, a key, or an open installation", envelope(principal_schema())}},
       .handle = [](Request& request) -> Answer {
         return native_response(to_json(request.principal));
       }});
  table.add({.method = Method::kPost,
             .path = "/api/v1/auth/password",
             .operation = "change_password",
             .summary = "Changes the password of the user who asks; their other sessions end",
             .tag = "auth",
             .callers = Callers::kKnown,
             .body_kind = BodyKind::kJson,
             .body = Schema::object(
                 {{"old_password", Schema::string().length(1, 1'024), Need::kRequired},
                  {"new_password", Schema::string().length(8, 1'024), Need::kRequired}}),
             .body_size_max = 16 << 10,
             .answers = {{200, "It is changed", envelope(Schema::any())}},
             .handle_later = [desk](Request& request, std::shared_ptr<Exchange> exchange) {
               change_password(desk, request, std::move(exchange));
             }});
  table.add({.path = "/api/v1/auth/sessions",
             .operation = "list_own_sessions",
             .summary = "Where the user who asks is logged in",
             .tag = "auth",
             .callers = Callers::kKnown,
             .answers = {{200, "All of them", envelope(list_schema(session_schema()))}},
             .handle = [desk](Request& request) { return list_sessions(desk, request); }});
  table.add({.method = Method::kDelete,
             .path = "/api/v1/auth/sessions/{id}",
             .operation = "end_own_session",
             .summary = "Logs the user who asks out somewhere",
             .tag = "auth",
             .callers = Callers::kKnown,
             .answers = {{200, "It has ended", envelope(Schema::any())}, {404, "There is none"}},
             .handle = [desk](Request& request) { return end_session(desk, request); }});
}

}  // namespace katip::http
