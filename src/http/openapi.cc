#include "http/openapi.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

/// Tested by openapi_test.cc, and by Schemathesis against the running server.
namespace katip::http {
namespace json = boost::json;
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result)
    letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  return result;
}

/// OpenAPI knows no variable that takes slashes.
std::string path_of(const Route& route) {
  std::string path = route.path;
  const std::size_t dots = path.find("...}");
  if (dots != path.npos) path.erase(dots, 3);
  return path;
}

json::value error_schema(ErrorShape shape) {
  const char* name = shape == ErrorShape::kOpenAi ? "OpenAiError" : "Error";
  return json::object{{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

json::array parameters_of(const Route& route) {
  static constexpr std::string_view kPlaces[] = {"path", "query", "header"};
  json::array parameters;
  for (const Parameter& parameter : route.parameters) {
    json::object entry{{"name", parameter.name},
                       {"in", kPlaces[static_cast<int>(parameter.place)]},
                       {"required", parameter.need == Need::kRequired},
                       {"schema", parameter.schema.to_json()}};
    if (!parameter.schema.description().empty()) {
      entry["description"] = parameter.schema.description();
    }
    parameters.push_back(std::move(entry));
  }
  return parameters;
}

std::string body_type(const Route& route) {
  switch (route.body_kind) {
    case BodyKind::kJson:
      return "application/json";
    case BodyKind::kForm:
    case BodyKind::kFormOrJson:
      return "multipart/form-data";
    case BodyKind::kText:
      return "text/plain";
    case BodyKind::kStream:
    case BodyKind::kNone:
      break;
  }
  return "application/octet-stream";
}

json::object body_of(const Route& route) {
  const json::value schema = route.body ? route.body->to_json() : json::value(json::object());
  json::object content{{body_type(route), {{"schema", schema}}}};
  if (route.json_body) content["application/json"] = {{"schema", route.json_body->to_json()}};
  return {{"required", route.body_need == Need::kRequired}, {"content", std::move(content)}};
}

json::object answer_of(const Route& route, const AnswerSpec& answer) {
  json::object entry{{"description", answer.description.empty()
                                         ? std::string(reason_phrase(answer.status))
                                         : answer.description}};
  if (answer.status >= 400 && !answer.schema) {
    entry["content"] = {{"application/json", {{"schema", error_schema(route.errors)}}}};
    if (route.errors == ErrorShape::kNative) {
      entry["content"].as_object()["application/problem+json"] = {
          {"schema", {{"$ref", "#/components/schemas/Problem"}}}};
    }
  } else if (answer.status != 204 && answer.status != 304) {
    json::object content;
    if (answer.schema) content["schema"] = answer.schema->to_json();
    entry["content"] = {{answer.media_type, std::move(content)}};
  }
  return entry;
}

/// What any route may answer besides what it declares.
json::object answers_of(const Route& route) {
  json::object answers;
  for (const AnswerSpec& answer : route.answers) {
    json::value& known = answers[std::to_string(answer.status)];
    json::object entry = answer_of(route, answer);
    if (known.is_object() && entry.contains("content")) {  // The same answer in another format.
      for (const auto& pair : entry["content"].as_object()) {
        known.as_object()["content"].as_object()[pair.key()] = pair.value();
      }
    } else {
      known = std::move(entry);
    }
  }
  std::vector<int> common = {400, 500, 503};
  const bool names_something = route.path.contains('{') || route.body;
  if (names_something) common.insert(common.end(), {404, 409});
  if (needs_principal(route)) common.insert(common.end(), {401, 403, 429});
  if (!route.parameters.empty() || route.body) {
    common.push_back(route.errors == ErrorShape::kOpenAi ? 400 : 422);
  }
  if (route.body_kind != BodyKind::kNone) common.insert(common.end(), {413, 415});
  if (route.body_kind == BodyKind::kForm || route.body_kind == BodyKind::kFormOrJson) {
    common.push_back(507);
  }
  for (const int status : common) {
    const std::string key = std::to_string(status);
    if (!answers.contains(key)) answers[key] = answer_of(route, {.status = status});
  }
  return answers;
}

json::object operation_of(const Route& route) {
  json::object operation{{"operationId", route.operation},
                         {"summary", route.summary},
                         {"tags", json::array{route.tag}}};
  if (!route.parameters.empty()) operation["parameters"] = parameters_of(route);
  if (route.body_kind != BodyKind::kNone) operation["requestBody"] = body_of(route);
  operation["responses"] = answers_of(route);
  if (!needs_principal(route)) {
    operation["security"] = json::array();
  } else if (route.permission) {
    operation["description"] = fmt::format("Needs the scope `{}`.", app::name(*route.permission));
  }
  return operation;
}

json::object components() {
  const Schema text = Schema::string();
  const Schema detail =
      Schema::object({{"field", text, Need::kRequired}, {"message", text, Need::kRequired}});
  const Schema error = Schema::object(
      {{"success", Schema::boolean(), Need::kRequired},
       {"error",
        Schema::object({{"code", text, Need::kRequired},
                        {"message", text, Need::kRequired},
                        {"details", Schema::array(detail).nullable(), Need::kRequired}}),
        Need::kRequired},
       {"timestamp", text.format("date-time"), Need::kRequired}});
  const Schema theirs =
      Schema::object({{"error",
                       Schema::object({{"message", text, Need::kRequired},
                                       {"type", text, Need::kRequired},
                                       {"param", text.nullable(), Need::kRequired},
                                       {"code", text.nullable(), Need::kRequired}}),
                       Need::kRequired}});
  const Schema problem = Schema::object({{"type", text, Need::kRequired},
                                         {"title", text, Need::kRequired},
                                         {"status", Schema::integer(), Need::kRequired},
                                         {"detail", text, Need::kRequired},
                                         {"instance", text},
                                         {"code", text},
                                         {"request_id", text},
                                         {"errors", Schema::array(Schema::any())}});
  return {{"schemas",
           {{"Error", error.to_json()},
            {"OpenAiError", theirs.to_json()},
            {"Problem", problem.to_json()}}},
          {"securitySchemes",
           {{"key", {{"type", "http"}, {"scheme", "bearer"}, {"description", "A key `kp_…`"}}},
            {"header", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-API-Key"}}}}}};
}

/// Any of them will do; the empty one asks for nothing.
json::array security(Anonymous anonymous) {
  json::array all{json::object{{"key", json::array()}}, json::object{{"header", json::array()}}};
  if (anonymous == Anonymous::kAllowed) all.push_back(json::object());
  return all;
}

}  // namespace

json::object openapi_document(const RouteTable& table, std::string_view version,
                              Anonymous anonymous) {
  json::object paths;
  for (const Route* route : table.routes()) {
    if (route->is_page) continue;
    json::value& path = paths[path_of(*route)];
    if (path.is_null()) path.emplace_object();
    path.as_object()[lower(name(route->method))] = operation_of(*route);
  }
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "katip"},
            {"version", version},
            {"description", "Speech to text on a machine of your own."},
            {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
          {"servers", json::array{json::object{{"url", "/"}}}},
          {"security", security(anonymous)},
          {"paths", std::move(paths)},
          {"components", components()}};
}

}  // namespace katip::http
