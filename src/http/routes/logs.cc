#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "http/routes/record_answers.h"
#include "http/routes/records.h"

/// The four logs have their fields in a table (app::log_table()); their routes follow from it.
///
/// Tested by tests/e2e/test_records_api.py.
namespace katip::http {
namespace json = boost::json;
namespace {

json::value parsed(const app::LogRecord& record) {
  boost::system::error_code error;
  json::value value = json::parse(app::to_json(record), error);
  return error ? json::value(json::object()) : value;
}

Schema schema_of(const app::LogField& field) {
  switch (field.type) {
    case app::LogFieldType::kNumber:
      return Schema::number().range(-1e11, 1e11).nullable();
    case app::LogFieldType::kJson:
      return Schema::object({}).open().nullable();
    case app::LogFieldType::kTime:
      return Schema::string().format("date-time").nullable();
    case app::LogFieldType::kUuid:
      return Schema::string().format("uuid").nullable();
    case app::LogFieldType::kText:
      break;
  }
  Schema schema = Schema::string();
  if (field.length_max > 0) schema = schema.length(field.is_required ? 1 : 0, field.length_max);
  if (!field.one_of.empty()) schema = schema.one_of({field.one_of.begin(), field.one_of.end()});
  return field.is_required ? schema : schema.nullable();
}

Schema record_schema(app::LogKind kind) {
  std::vector<Property> properties;
  for (const app::LogField& field : app::log_table(kind).fields) {
    if (field.name == "id") continue;
    properties.push_back({std::string(field.name), schema_of(field),
                          field.is_required ? Need::kRequired : Need::kOptional});
  }
  return Schema::object(std::move(properties));
}

Answer append(app::LogBook& logs, app::LogKind kind, const Request& request) {
  const app::WrittenLog written =
      KATIP_TRY(logs.append(request.principal, kind, json::serialize(request.object()), {}));
  return native_response(
      parsed(written.record),
      written.is_kept_in_file ? "kept in a file until the database is back" : "written down",
      written.is_kept_in_file ? 202 : 201);
}

Answer list(app::LogBook& logs, app::LogKind kind, const Request& request) {
  app::LogQuery query{.cursor = text_of(request, "cursor"), .count_max = limit_of(request)};
  for (const app::LogField& field : app::log_table(kind).fields) {
    if (!field.is_filter) continue;
    if (const auto value = request.query_value(field.name)) {
      query.filter.equals.emplace_back(field.name, *value);
    }
  }
  const TimeSpan times = KATIP_TRY(times_of(request));
  query.filter.from = times.from;
  query.filter.before = times.before;
  query.filter.search = text_of(request, "q");
  const app::LogList page = KATIP_TRY(logs.list(request.principal, kind, query, {}));
  json::array items;
  for (const app::LogRecord& record : page.rows) items.push_back(parsed(record));
  return list_response(std::move(items), page.next_cursor, request);
}

std::vector<Parameter> filters(app::LogKind kind) {
  const auto& table = app::log_table(kind);
  std::vector<Parameter> parameters = time_parameters();
  for (const app::LogField& field : table.fields) {
    if (field.is_filter) {
      parameters.push_back(
          {.name = std::string(field.name), .schema = Schema::string().length(1, 200)});
    }
  }
  if (!table.words.empty()) {
    parameters.push_back(
        {.name = "q", .schema = Schema::string().length(1, 1000).described("words to search for")});
  }
  return list_parameters(std::move(parameters));
}

}  // namespace

void add_log_routes(RouteTable& table, app::LogBook& logs) {
  for (const app::LogKind kind : app::kLogKinds) {
    const std::string group(app::log_table(kind).name);
    table.add({.method = Method::kPost,
               .path = "/api/v1/" + group,
               .operation = "write_" + group,
               .summary = "Writes one of the " + group + " down",
               .tag = "logs",
               .permission = app::Permission::kWriteLogs,
               .body_kind = BodyKind::kJson,
               .body = record_schema(kind),
               .body_size_max = 2 << 20,
               .answers = {{201, "As it was written", envelope(Schema::any())},
                           {202, "The database is away: a file keeps it until then",
                            envelope(Schema::any())},
                           {403, "In the name of somebody else"}},
               .handle = [&logs, kind](Request& request) { return append(logs, kind, request); }});
    table.add({.path = "/api/v1/" + group,
               .operation = "list_" + group,
               .summary = "The " + group + ", newest first",
               .tag = "logs",
               .permission = app::Permission::kReadLogs,
               .parameters = filters(kind),
               .answers = {{200, "A page", envelope(list_schema(Schema::any()))}},
               .handle = [&logs, kind](Request& request) { return list(logs, kind, request); }});
  }
}

}  // namespace katip::http
