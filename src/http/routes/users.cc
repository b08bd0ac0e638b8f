#include <boost/json.hpp>

#include "http/routes/account_json.h"
#include "http/routes/record_answers.h"

/// Users over HTTP: for administrators.
///
/// Tested by tests/e2e/test_access.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr const char* kPath = "/api/v1/admin/users";
constexpr const char* kOnePath = "/api/v1/admin/users/{id}";

Schema role_schema() { return Schema::string().one_of({"viewer", "editor", "operator", "admin"}); }
Schema password_schema() { return Schema::string().length(8, 1'024); }

app::Role role_of(const json::object& body) {
  return app::parse_role(text_of(body, "role").value_or("")).value_or(app::Role::kViewer);
}

void create_user(const AccountDesk& desk, Request& request, std::shared_ptr<Exchange> exchange) {
  const json::object& body = request.object();
  const app::UserRequest wanted{.login = text_of(body, "login").value_or(""),
                                .password = Secret(text_of(body, "password").value_or("")),
                                .role = role_of(body),
                                .display_name = text_of(body, "display_name").value_or("")};
  answer_later(desk, std::move(exchange), [desk, wanted, caller = caller_of(request)]() -> Answer {
    const app::User user = KATIP_TRY(desk.accounts.create_user(caller.principal, wanted, {}));
    record(desk, caller, "user.create", "user", user.login, {{"role", app::name(user.role)}});
    Response response = native_response(to_json(user), "the user is made", 201);
    response.headers.set("Location", "/api/v1/admin/users/" + user.id);
    return response;
  });
}

Answer list_users(const AccountDesk& desk, Request& request) {
  const int limit = limit_of(request);
  const auto users = KATIP_TRY(desk.accounts.list_users(
      request.principal, text_of(request, "cursor").value_or(""), limit, {}));
  json::array items;
  for (const app::User& user : users) items.push_back(to_json(user));
  const bool has_more = users.size() == static_cast<std::size_t>(limit);
  return list_response(std::move(items),
                       has_more ? std::optional(users.back().login) : std::nullopt, request);
}

Answer change_user(const AccountDesk& desk, Request& request) {
  const json::object& body = request.object();
  app::UserChange change{.display_name = text_of(body, "display_name")};
  if (body.contains("role")) change.role = role_of(body);
  if (const json::value* is_active = body.if_contains("is_active")) {
    change.is_active = is_active->as_bool();
  }
  const app::User user =
      KATIP_TRY(desk.accounts.change_user(request.principal, request.path_value("id"), change, {}));
  record(desk, caller_of(request), "user.change", "user", user.login,
         {{"role", app::name(user.role)}, {"is_active", user.is_active}});
  return native_response(to_json(user));
}

void set_password(const AccountDesk& desk, Request& request, std::shared_ptr<Exchange> exchange) {
  const Secret password(text_of(request.object(), "password").value_or(""));
  answer_later(
      desk, std::move(exchange),
      [desk, password, id = request.path_value("id"), caller = caller_of(request)]() -> Answer {
        KATIP_TRY(desk.accounts.set_password(caller.principal, id, password, {}));
        record(desk, caller, "user.password", "user", id);
        return native_response(nullptr, "the password is set; their sessions have ended");
      });
}

Answer delete_user(const AccountDesk& desk, Request& request) {
  const app::User user =
      KATIP_TRY(desk.accounts.find_user(request.principal, request.path_value("id"), {}));
  KATIP_TRY(desk.accounts.delete_user(request.principal, user.id, {}));
  record(desk, caller_of(request), "user.delete", "user", user.login);
  return native_response(nullptr, "the user is deleted, and their keys are revoked");
}

void add_user_collection(RouteTable& table, const AccountDesk& desk) {
  table.add({.path = kPath,
             .operation = "list_users",
             .summary = "All users, by login",
             .tag = "users",
             .permission = app::Permission::kAdminister,
             .parameters = list_parameters({}),
             .answers = {{200, "A page", envelope(list_schema(user_schema()))}},
             .handle = [desk](Request& request) { return list_users(desk, request); }});
  table.add({.method = Method::kPost,
             .path = kPath,
             .operation = "create_user",
             .summary = "Makes a user; the first one has to be an administrator",
             .tag = "users",
             .permission = app::Permission::kAdminister,
             .body_kind = BodyKind::kJson,
             .body = Schema::object({{"login", Schema::string().length(1, 100), Need::kRequired},
                                     {"password", password_schema(), Need::kRequired},
                                     {"role", role_schema()},
                                     {"display_name", Schema::string().length(0, 200)}}),
             .answers = {{201, "The user", envelope(user_schema())}, {409, "The login is taken"}},
             .handle_later = [desk](Request& request, std::shared_ptr<Exchange> exchange) {
               create_user(desk, request, std::move(exchange));
             }});
}

}  // namespace

void add_user_routes(RouteTable& table, const AccountDesk& desk) {
  add_user_collection(table, desk);
  table.add({.path = kOnePath,
             .operation = "get_user",
             .summary = "One user, by id or login",
             .tag = "users",
             .permission = app::Permission::kAdminister,
             .answers = {{200, "The user", envelope(user_schema())}, {404, "There is none"}},
             .handle = [desk](Request& request) -> Answer {
               return native_response(to_json(KATIP_TRY(
                   desk.accounts.find_user(request.principal, request.path_value("id"), {}))));
             }});
  table.add({.method = Method::kPatch,
             .path = kOnePath,
             .operation = "change_user",
             .summary = "Changes what is named; is_active false shuts the user out",
             .tag = "users",
             .permission = app::Permission::kAdminister,
             .body_kind = BodyKind::kJson,
             .body = Schema::object({{"role", role_schema()},
                                     {"is_active", Schema::boolean()},
                                     {"display_name", Schema::string().length(0, 200)}}),
             .answers = {{200, "The user", envelope(user_schema())},
                         {404, "There is none"},
                         {409, "It is the last administrator"}},
             .handle = [desk](Request& request) { return change_user(desk, request); }});
  table.add({.method = Method::kPut,
             .path = "/api/v1/admin/users/{id}/password",
             .operation = "set_user_password",
             .summary = "Sets a lost password; all sessions of the user end",
             .tag = "users",
             .permission = app::Permission::kAdminister,
             .body_kind = BodyKind::kJson,
             .body = Schema::object({{"password", password_schema(), Need::kRequired}}),
             .answers = {{200, "It is set", envelope(Schema::any())}, {404, "There is none"}},
             .handle_later = [desk](Request& request, std::shared_ptr<Exchange> exchange) {
               set_password(desk, request, std::move(exchange));
             }});
  table.add({.method = Method::kDelete,
             .path = kOnePath,
             .operation = "delete_user",
             .summary = "Deletes a user and revokes their keys; recordings are kept",
             .tag = "users",
             .permission = app::Permission::kAdminister,
             .answers = {{200, "It is gone", envelope(Schema::any())},
                         {404, "There is none"},
                         {409, "It is the last administrator"}},
             .handle = [desk](Request& request) { return delete_user(desk, request); }});
}

}  // namespace katip::http
