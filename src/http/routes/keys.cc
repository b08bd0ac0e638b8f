#include <boost/json.hpp>

#include "http/routes/account_json.h"
#include "http/routes/record_answers.h"

/// API keys over HTTP.
///
/// Tested by tests/e2e/test_access.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr const char* kPath = "/api/v1/keys";
constexpr const char* kOnePath = "/api/v1/keys/{id}";

std::vector<Property> limit_properties() {
  return {{"rate_limit_per_minute", Schema::integer().range(1, 1'000'000).nullable()},
          {"daily_audio_seconds_limit", Schema::integer().range(1, 100'000'000).nullable()},
          {"priority_default", Schema::integer().range(0, 10).nullable()},
          {"expires_at", Schema::string().format("date-time").nullable()}};
}

Schema scopes_schema() { return Schema::array(Schema::string().length(1, 50)).length(1, 20); }

Schema create_body() {
  std::vector<Property> properties = limit_properties();
  properties.push_back({"name", Schema::string().length(1, 200), Need::kRequired});
  properties.push_back({"scopes", scopes_schema(), Need::kRequired});
  properties.push_back({"owner", Schema::string().length(1, 200).nullable()});
  return Schema::object(std::move(properties));
}

Schema change_body() {
  std::vector<Property> properties = limit_properties();
  properties.push_back({"name", Schema::string().length(1, 200)});
  properties.push_back({"scopes", scopes_schema()});
  properties.push_back({"is_active", Schema::boolean().described("false: revoked")});
  return Schema::object(std::move(properties));
}

Schema new_key_schema() {
  return Schema::object(
      {{"key", Schema::string().described("the whole key, this once"), Need::kRequired},
       {"details", key_schema(), Need::kRequired}});
}

std::vector<std::string> scopes_of(const json::object& object) {
  std::vector<std::string> scopes;
  if (const json::value* list = object.if_contains("scopes"); list && list->is_array()) {
    for (const json::value& scope : list->as_array()) scopes.emplace_back(scope.as_string());
  }
  return scopes;
}

Result<std::optional<app::AccountTime>> expiry_of(const json::object& object) {
  const auto text = text_of(object, "expires_at");
  if (!text) return std::optional<app::AccountTime>();
  return std::optional(KATIP_TRY(app::read_time(*text)));
}

json::object key_details(const app::Key& key) {
  return {{"name", key.name}, {"owner", key.owner}, {"scopes", json::value_from(key.scopes)}};
}

Answer create_key(const AccountDesk& desk, Request& request) {
  const json::object& body = request.object();
  const app::KeyRequest wanted{
      .name = text_of(body, "name").value_or(""),
      .scopes = scopes_of(body),
      .owner = text_of(body, "owner"),
      .rate_limit_per_minute = integer_of(body, "rate_limit_per_minute"),
      .daily_audio_seconds_limit = integer_of(body, "daily_audio_seconds_limit"),
      .priority_default = integer_of(body, "priority_default"),
      .expires_at = KATIP_TRY(expiry_of(body))};
  const app::NewKey made = KATIP_TRY(desk.accounts.create_key(request.principal, wanted, {}));
  record(desk, caller_of(request), "key.create", "api_key", made.key.prefix, key_details(made.key));
  Response response =
      native_response(json::object{{"key", made.secret.reveal()}, {"details", to_json(made.key)}},
                      "the key is shown this once", 201);
  response.headers.set("Location", "/api/v1/keys/" + made.key.id);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Answer list_keys(const AccountDesk& desk, Request& request) {
  const int limit = limit_of(request);
  const auto keys = KATIP_TRY(desk.accounts.list_keys(
      request.principal, text_of(request, "cursor").value_or(""), limit, {}));
  json::array items;
  for (const app::Key& key : keys) items.push_back(to_json(key));
  const bool has_more = keys.size() == static_cast<std::size_t>(limit);
  return list_response(std::move(items), has_more ? std::optional(keys.back().id) : std::nullopt,
                       request);
}

template <typename T>
std::optional<std::optional<T>> if_named(const json::object& body, std::string_view key,
                                         std::optional<T> value) {
  if (!body.contains(key)) return std::nullopt;
  return value;
}

Answer change_key(const AccountDesk& desk, Request& request) {
  const json::object& body = request.object();
  app::KeyChange change{
      .name = text_of(body, "name"),
      .rate_limit_per_minute =
          if_named(body, "rate_limit_per_minute", integer_of(body, "rate_limit_per_minute")),
      .daily_audio_seconds_limit = if_named(body, "daily_audio_seconds_limit",
                                            integer_of(body, "daily_audio_seconds_limit")),
      .priority_default = if_named(body, "priority_default", integer_of(body, "priority_default")),
      .expires_at = if_named(body, "expires_at", KATIP_TRY(expiry_of(body)))};
  if (body.contains("scopes")) change.scopes = scopes_of(body);
  if (const json::value* is_active = body.if_contains("is_active")) {
    change.is_active = is_active->as_bool();
  }
  const app::Key key =
      KATIP_TRY(desk.accounts.change_key(request.principal, request.path_value("id"), change, {}));
  record(desk, caller_of(request), key.is_active ? "key.change" : "key.revoke", "api_key",
         key.prefix, key_details(key));
  return native_response(to_json(key));
}

Answer delete_key(const AccountDesk& desk, Request& request) {
  const std::string& id = request.path_value("id");
  const app::Key key = KATIP_TRY(desk.accounts.find_key(request.principal, id, {}));
  KATIP_TRY(desk.accounts.delete_key(request.principal, key.id, {}));
  record(desk, caller_of(request), "key.delete", "api_key", key.prefix, key_details(key));
  return native_response(nullptr, "the key is deleted");
}

}  // namespace

void add_key_routes(RouteTable& table, const AccountDesk& desk) {
  table.add({.path = kPath,
             .operation = "list_keys",
             .summary = "Keys of the user who asks; administrators see all",
             .tag = "keys",
             .callers = Callers::kKnown,
             .parameters = list_parameters({}),
             .answers = {{200, "The newest first", envelope(list_schema(key_schema()))}},
             .handle = [desk](Request& request) { return list_keys(desk, request); }});
  table.add({.method = Method::kPost,
             .path = kPath,
             .operation = "create_key",
             .summary = "Makes a key; only this answer shows it",
             .tag = "keys",
             .callers = Callers::kKnown,
             .body_kind = BodyKind::kJson,
             .body = create_body(),
             .answers = {{201, "The key", envelope(new_key_schema())},
                         {409, "It would lock everybody out"}},
             .handle = [desk](Request& request) { return create_key(desk, request); }});
  table.add({.path = kOnePath,
             .operation = "get_key",
             .summary = "One key, by id or public half",
             .tag = "keys",
             .callers = Callers::kKnown,
             .answers = {{200, "The key", envelope(key_schema())}, {404, "There is none"}},
             .handle = [desk](Request& request) -> Answer {
               return native_response(to_json(KATIP_TRY(
                   desk.accounts.find_key(request.principal, request.path_value("id"), {}))));
             }});
  table.add({.method = Method::kPatch,
             .path = kOnePath,
             .operation = "change_key",
             .summary = "Changes what is named; is_active false revokes the key",
             .tag = "keys",
             .callers = Callers::kKnown,
             .body_kind = BodyKind::kJson,
             .body = change_body(),
             .answers = {{200, "The key", envelope(key_schema())}, {404, "There is none"}},
             .handle = [desk](Request& request) { return change_key(desk, request); }});
  table.add({.method = Method::kDelete,
             .path = kOnePath,
             .operation = "delete_key",
             .summary = "Deletes a key altogether",
             .tag = "keys",
             .callers = Callers::kKnown,
             .answers = {{200, "It is gone", envelope(Schema::any())}, {404, "There is none"}},
             .handle = [desk](Request& request) { return delete_key(desk, request); }});
}

}  // namespace katip::http
