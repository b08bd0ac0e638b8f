#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "http/routes/audited.h"
#include "http/routes/record_answers.h"
#include "http/routes/records.h"

/// Tested by tests/e2e/test_records_api.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr const char* kPath = "/api/v1/profiles";
constexpr const char* kOnePath = "/api/v1/profiles/{name}";
constexpr std::int64_t kBodySizeMax = (1 << 20) + 4096;

Response profile_response(const app::Profile& profile, int status = 200) {
  boost::system::error_code error;
  Response response =
      native_response(json::object{{"name", profile.name},
                                   {"version", profile.version},
                                   {"document", json::parse(profile.document, error)}},
                      "OK", status);
  response.headers.set("ETag", fmt::format("\"{}\"", profile.version));
  return response;
}

/// `If-None-Match: *` says that there must be none.
std::optional<std::string> expected_version(const Request& request) {
  if (request.headers.get("If-None-Match") == "*") return "";
  auto tag = if_match(request);
  return tag == "*" ? std::nullopt : std::move(tag);
}

Answer written(const Result<app::Profile>& result) {
  if (result) return profile_response(*result);
  if (result.error().code == ErrorCode::kConflict) {
    return std::unexpected(outdated(result.error().message));
  }
  return std::unexpected(Failure(result.error()));
}

Answer update(app::Profiles& profiles, const Request& request) {
  app::FieldChanges changes;
  if (const json::value* set = request.object().if_contains("set")) {
    for (const auto& [path, value] : set->as_object()) {
      changes.set.emplace_back(path, json::serialize(value));
    }
  }
  changes.remove = texts_in(request.object(), "remove");
  return written(profiles.update(request.principal, request.path_value("name"), changes,
                                 expected_version(request)));
}

Answer put_many(app::Profiles& profiles, const Request& request) {
  std::vector<app::NewProfile> documents;
  for (const json::value& item : request.object().at("profiles").as_array()) {
    documents.push_back({.name = text_in(item.as_object(), "name").value_or(""),
                         .document = json::serialize(item.as_object().at("document"))});
  }
  const int count = KATIP_TRY(profiles.put_many(request.principal, documents));
  return native_response(json::object{{"written", count}});
}

Answer list(app::Profiles& profiles, const Request& request) {
  const app::ProfileNames page =
      KATIP_TRY(profiles.list(request.principal, request.query_value("prefix").value_or(""),
                              request.query_value("cursor").value_or(""), limit_of(request)));
  json::array items;
  for (const std::string& name : page.names) items.push_back({{"name", name}});
  return list_response(std::move(items), page.next_after, request);
}

Route route(Method method, const char* path, std::string operation, std::string summary) {
  const bool reads = method == Method::kGet;
  Route route{.method = method,
              .path = path,
              .operation = std::move(operation),
              .summary = std::move(summary),
              .tag = "profiles",
              .permission = reads ? app::Permission::kReadJobs : app::Permission::kOperate,
              .answers = {{200, "What there is", envelope(Schema::any())}, {404, "There is none"}}};
  if (!reads && path == std::string_view(kOnePath)) {
    route.parameters = {if_match_parameter("the ETag of what is changed")};
    route.answers.push_back({412, "Somebody else has changed it"});
  }
  return route;
}

AuditMark mark_of(std::string action) {
  return {.action = std::move(action), .target_kind = "profile", .target = "name"};
}

json::object count_of(const Request& request) {
  return {{"count", request.object().at("profiles").as_array().size()}};
}

Schema many_schema() {
  const Schema one = Schema::object({{"name", Schema::string().length(1, 128), Need::kRequired},
                                     {"document", Schema::object({}).open(), Need::kRequired}});
  return Schema::object({{"profiles", Schema::array(one).length(1, 1000), Need::kRequired}});
}

}  // namespace

void add_profile_routes(RouteTable& table, app::Profiles& profiles, app::Audit& audit) {
  Route all = route(Method::kGet, kPath, "list_profiles", "Names of profiles, in their order");
  all.parameters = list_parameters({{.name = "prefix", .schema = Schema::string().length(0, 128)}});
  all.handle = [&profiles](Request& request) { return list(profiles, request); };
  table.add(std::move(all));
  Route many = route(Method::kPost, kPath, "write_profiles", "Writes many profiles at once");
  many.body_kind = BodyKind::kJson;
  many.body = many_schema();
  many.body_size_max = 32 << 20;
  many.handle = [&profiles](Request& request) { return put_many(profiles, request); };
  table.add(audited(audit,
                    {.action = "profile.write_many",
                     .target_kind = "profile",
                     .target = "",
                     .details = &count_of},
                    std::move(many)));
  Route one = route(Method::kGet, kOnePath, "get_profile", "One profile");
  one.handle = [&profiles](Request& request) -> Answer {
    return profile_response(KATIP_TRY(profiles.get(request.principal, request.path_value("name"))));
  };
  table.add(std::move(one));
  Route put = route(Method::kPut, kOnePath, "put_profile", "Writes a whole profile");
  put.body_kind = BodyKind::kJson;
  put.body = Schema::object({}).open();
  put.body_size_max = kBodySizeMax;
  put.handle = [&profiles](Request& request) {
    return written(profiles.put(
        request.principal,
        {.name = request.path_value("name"), .document = json::serialize(request.object())},
        expected_version(request)));
  };
  table.add(audited(audit, mark_of("profile.write"), std::move(put)));
  Route patch =
      route(Method::kPatch, kOnePath, "change_profile", "Changes fields by their dotted paths");
  patch.body_kind = BodyKind::kJson;
  patch.body = Schema::object({{"set", Schema::object({}).open()},
                               {"remove", Schema::array(Schema::string()).length(0, 1000)}});
  patch.body_size_max = kBodySizeMax;
  patch.handle = [&profiles](Request& request) { return update(profiles, request); };
  table.add(audited(audit, mark_of("profile.change"), std::move(patch)));
  Route remove = route(Method::kDelete, kOnePath, "delete_profile", "Deletes a profile");
  remove.answers = {{.status = 204, .description = "It is gone"}, {404, "There is none"}};
  remove.handle = [&profiles](Request& request) -> Answer {
    KATIP_TRY(profiles.remove(request.principal, request.path_value("name")));
    return empty_response();
  };
  table.add(audited(audit, mark_of("profile.delete"), std::move(remove)));
}

}  // namespace katip::http
