#include "http/routes/system.h"

#include <boost/json.hpp>

#include "http/routes/planned_route.h"
#include "http/routes/record_answers.h"

/// Tested by tests/e2e/test_system_routes.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr const char* kTag = "system";

json::array texts(const std::vector<std::string>& all) {
  return json::array(all.begin(), all.end());
}

std::string_view state_name(store::SchemaState state) {
  switch (state) {
    case store::SchemaState::kEmpty:
      return "empty";
    case store::SchemaState::kBehind:
      return "behind";
    case store::SchemaState::kCurrent:
      return "current";
    case store::SchemaState::kAhead:
      return "ahead";
  }
  return "behind";
}

/// A line of the log; one that somebody else wrote into the file is shown as its message.
json::object line_json(const std::string& line) {
  boost::system::error_code error;
  json::value value = json::parse(line, error);
  if (!error && value.is_object()) return std::move(value.as_object());
  return {{"message", line}};
}

Answer list_lines(const app::SystemDesk& system, const Request& request) {
  app::LogLineQuery query{.level = text_of(request, "level"),
                          .request_id = text_of(request, "request_id"),
                          .text = text_of(request, "q"),
                          .cursor = text_of(request, "cursor")};
  if (const auto channel = request.query_value("channel")) query.channel = *channel;
  query.count_max = static_cast<int>(request.query_integer("limit").value_or(query.count_max));
  const app::LogLinePage page = KATIP_TRY(system.log_lines(request.principal, query));
  json::array lines;
  for (const std::string& line : page.lines) lines.push_back(line_json(line));
  return list_response(std::move(lines), page.next_cursor, request,
                       {.others = {{"is_cut", page.is_cut}}});
}

Answer show_schema(const app::SystemDesk& system, const Request& request) {
  const app::SchemaView view = KATIP_TRY(system.schema(request.principal, {}));
  json::array revisions;
  for (const store::RevisionInfo& each : view.revisions) {
    revisions.push_back(json::object{{"id", each.id},
                                     {"message", each.message},
                                     {"revises", texts(each.revises)},
                                     {"created", each.created},
                                     {"is_head", each.is_head},
                                     {"is_current", each.is_current}});
  }
  return native_response(json::object{{"state", state_name(view.status.state)},
                                      {"advice", view.advice},
                                      {"applied", texts(view.status.applied)},
                                      {"heads", texts(view.status.heads)},
                                      {"pending", texts(view.status.pending)},
                                      {"revisions", std::move(revisions)}});
}

Answer show_settings(const app::SystemDesk& system, const Request& request) {
  const app::SystemFacts facts = KATIP_TRY(system.facts(request.principal));
  json::array settings;
  for (const app::EffectiveSetting& each : facts.settings) {
    settings.push_back(json::object{{"key", each.key},
                                    {"value", each.value},
                                    {"origin", each.origin},
                                    {"help", each.help},
                                    {"is_secret", each.is_secret}});
  }
  return native_response(json::object{{"version", facts.version},
                                      {"environment", facts.environment},
                                      {"config_file", facts.config_file},
                                      {"data_dir", facts.data_dir.string()},
                                      {"log_dir", facts.log_dir.string()},
                                      {"settings", std::move(settings)}});
}

Schema lines_schema() {
  return Schema::object(
      {{"items", Schema::array(Schema::object({}).open()), Need::kRequired},
       {"has_more", Schema::boolean(), Need::kRequired},
       {"is_cut", Schema::boolean().described("so much was read; go on with next_cursor"),
        Need::kRequired},
       {"next_cursor", Schema::string().nullable(), Need::kRequired}});
}

void add_logs(RouteTable& table, app::SystemDesk& system) {
  Route route = planned_route({Method::kGet, "/api/v1/admin/logs", "list_log_lines",
                               "Lines of the log, the newest first", 200, lines_schema()},
                              kTag, app::Permission::kOperate);
  route.parameters = {
      {.name = "channel",
       .schema = Schema::string()
                     .one_of({"app", "api", "audit", "error"})
                     .described("audit is for administrators")},
      {.name = "level",
       .schema = Schema::string()
                     .one_of({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})
                     .described("this one and worse")},
      {.name = "request_id", .schema = Schema::string().length(1, 128)},
      {.name = "q", .schema = Schema::string().length(1, 200).described("part of the line")},
      {.name = "limit", .schema = Schema::integer().range(1, 500)},
      cursor_parameter()};
  route.answers.push_back({400, "No place of the log"});
  route.answers.push_back({404, "There are no log files"});
  route.handle = [&system](Request& request) { return list_lines(system, request); };
  table.add(std::move(route));
}

}  // namespace

void add_system_routes(RouteTable& table, app::SystemDesk& system) {
  add_logs(table, system);
  Route schema =
      planned_route({Method::kGet, "/api/v1/admin/migrations", "get_migrations",
                     "What the database's schema is at, and its revisions", 200,
                     Schema::object({{"state", Schema::string(), Need::kRequired}}).open()},
                    kTag, app::Permission::kOperate);
  schema.handle = [&system](Request& request) { return show_schema(system, request); };
  table.add(std::move(schema));
  Route settings = planned_route(
      {Method::kGet, "/api/v1/admin/settings", "get_settings",
       "The configuration as it counts, where each value comes from, no secrets", 200,
       Schema::object({{"settings", Schema::array(Schema::object({}).open()), Need::kRequired}})
           .open()},
      kTag, app::Permission::kAdminister);
  settings.handle = [&system](Request& request) { return show_settings(system, request); };
  table.add(std::move(settings));
}

}  // namespace katip::http
