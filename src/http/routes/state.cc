#include <cmath>

#include <boost/json/value.hpp>

#include "http/routes/record_answers.h"
#include "http/routes/records.h"

/// Tested by tests/e2e/test_records_api.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr const char* kValuePath = "/api/v1/state/values/{key...}";
constexpr double kSecondsMax = 366.0 * 86'400;

json::value seconds_or_null(const std::optional<app::Duration>& duration) {
  if (!duration) return nullptr;
  return static_cast<double>(duration->count()) / 1000;
}

std::optional<app::Duration> duration_in(const json::object& object, std::string_view key) {
  const auto seconds = number_in(object, key);
  if (!seconds) return std::nullopt;
  return app::Duration(static_cast<std::int64_t>(std::ceil(*seconds * 1000)));
}

Schema seconds_schema() { return Schema::number().range(0.001, kSecondsMax); }

Answer list(app::SharedState& state, const Request& request) {
  const app::StateKeys page =
      KATIP_TRY(state.list(request.principal, request.query_value("prefix").value_or(""),
                           request.query_value("cursor").value_or(""), limit_of(request)));
  json::array items;
  for (const app::StateKey& key : page.keys) {
    items.push_back({{"key", key.key}, {"ends_in_s", seconds_or_null(key.ends_in)}});
  }
  return list_response(std::move(items), page.next_after, request);
}

Answer get(app::SharedState& state, const Request& request) {
  const std::string& key = request.path_value("key");
  const app::StateValue value = KATIP_TRY(state.get(request.principal, key));
  return native_response(json::object{
      {"key", key}, {"value", value.value}, {"ends_in_s", seconds_or_null(value.ends_in)}});
}

Answer set(app::SharedState& state, const Request& request) {
  const std::string& key = request.path_value("key");
  KATIP_TRY(state.set(request.principal, key,
                      std::string_view(request.object().at("value").as_string()),
                      duration_in(request.object(), "ttl_s")));
  return get(state, request);
}

Answer add(app::SharedState& state, const Request& request) {
  const std::string& key = request.path_value("key");
  const std::int64_t value =
      KATIP_TRY(state.add(request.principal, key, integer_in(request.object(), "by").value_or(1),
                          duration_in(request.object(), "ttl_s")));
  return native_response(json::object{{"key", key}, {"value", value}});
}

Answer start_cooldown(app::SharedState& state, const Request& request) {
  const std::string& key = request.path_value("key");
  const app::Cooldown cooldown = KATIP_TRY(state.start_cooldown(
      request.principal, key, duration_in(request.object(), "seconds").value_or(app::Duration(0))));
  return native_response(json::object{{"key", key},
                                      {"is_started", cooldown.is_started},
                                      {"ends_in_s", seconds_or_null(cooldown.ends_in)}},
                         cooldown.is_started ? "it begins now" : "it has begun before");
}

Route route(Method method, std::string path, std::string operation, std::string summary) {
  const bool reads = method == Method::kGet;
  return {.method = method,
          .path = std::move(path),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .tag = "state",
          .permission = reads ? app::Permission::kReadLogs : app::Permission::kWriteLogs,
          .answers = {{200, "As it is", envelope(Schema::any())}, {404, "There is none"}}};
}

}  // namespace

void add_state_routes(RouteTable& table, app::SharedState& state) {
  Route all = route(Method::kGet, "/api/v1/state", "list_state", "Keys of values that are there");
  all.parameters = list_parameters({{.name = "prefix", .schema = Schema::string().length(0, 495)}});
  all.handle = [&state](Request& request) { return list(state, request); };
  table.add(std::move(all));
  Route one = route(Method::kGet, kValuePath, "get_state", "A value");
  one.handle = [&state](Request& request) { return get(state, request); };
  table.add(std::move(one));
  Route put =
      route(Method::kPut, kValuePath, "set_state", "Sets a value, with an end if one is said");
  put.body_kind = BodyKind::kJson;
  put.body = Schema::object({{"value", Schema::string().length(0, 1 << 20), Need::kRequired},
                             {"ttl_s", seconds_schema()}});
  put.body_size_max = 2 << 20;
  put.handle = [&state](Request& request) { return set(state, request); };
  table.add(std::move(put));
  Route remove = route(Method::kDelete, kValuePath, "delete_state", "Forgets a value");
  remove.answers = {{.status = 204, .description = "It is gone"}, {404, "There is none"}};
  remove.handle = [&state](Request& request) -> Answer {
    KATIP_TRY(state.remove(request.principal, request.path_value("key")));
    return empty_response();
  };
  table.add(std::move(remove));
  Route count = route(Method::kPost, "/api/v1/state/counters/{key...}", "add_to_counter",
                      "Adds to a counter, which begins at 0");
  count.body_kind = BodyKind::kJson;
  count.body = Schema::object({{"by", Schema::integer().range(-1e15, 1e15)},
                               {"ttl_s", seconds_schema().described("of a new one")}});
  count.handle = [&state](Request& request) { return add(state, request); };
  table.add(std::move(count));
  Route cool = route(Method::kPost, "/api/v1/state/cooldowns/{key...}", "start_cooldown",
                     "Starts a cooldown, unless one is under way");
  cool.body_kind = BodyKind::kJson;
  cool.body = Schema::object({{"seconds", seconds_schema(), Need::kRequired}});
  cool.handle = [&state](Request& request) { return start_cooldown(state, request); };
  table.add(std::move(cool));
}

}  // namespace katip::http
