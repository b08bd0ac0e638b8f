#include <boost/json/value.hpp>

#include "http/routes/audited.h"
#include "http/routes/record_answers.h"
#include "http/routes/records.h"

/// Tested by tests/e2e/test_records_api.py.
namespace katip::http {
namespace json = boost::json;
namespace {

constexpr const char* kPath = "/api/v1/converted-sounds";
constexpr const char* kOnePath = "/api/v1/converted-sounds/{id}";
constexpr const char* kTag = "converted sounds";

json::object to_json(const app::ConvertedSound& sound) {
  json::object object{{"uuid", sound.id},
                      {"talent_id", or_null(sound.talent_id)},
                      {"acc_id", or_null(sound.acc_id)},
                      {"status", name(sound.status)},
                      {"file_name", or_null(sound.file_name)},
                      {"source_url", or_null(sound.source_url)},
                      {"duration_s", or_null(sound.duration_s)},
                      {"language", or_null(sound.language)},
                      {"model", or_null(sound.model)},
                      {"transcript", or_null(sound.transcript)},
                      {"error", or_null(sound.error)},
                      {"created_at", app::to_text(sound.created_at)},
                      {"updated_at", app::to_text(sound.updated_at)}};
  object["job_id"] = sound.job_id ? json::value("job_" + *sound.job_id) : json::value(nullptr);
  return object;
}

Schema status_schema() {
  return Schema::string().one_of({"queued", "processing", "completed", "failed", "cancelled"});
}

Schema sound_schema() {
  return Schema::object({{"talent_id", Schema::string().length(1, 64)},
                         {"acc_id", Schema::string().length(1, 64)},
                         {"status", status_schema()},
                         {"file_name", Schema::string().length(1, 500)},
                         {"source_url", Schema::string().length(1, 2048)},
                         {"duration_s", Schema::number().range(0, 1e9)},
                         {"language", Schema::string().length(1, 16)},
                         {"model", Schema::string().length(1, 100)},
                         {"transcript", Schema::string().length(0, 10'000'000)},
                         {"error", Schema::string().length(1, 4000)},
                         {"job_id", Schema::string().length(1, 64)}});
}

app::ConvertedSoundChange change_of(const json::object& body) {
  app::ConvertedSoundChange change{.talent_id = text_in(body, "talent_id"),
                                   .acc_id = text_in(body, "acc_id"),
                                   .file_name = text_in(body, "file_name"),
                                   .source_url = text_in(body, "source_url"),
                                   .language = text_in(body, "language"),
                                   .model = text_in(body, "model"),
                                   .duration_s = number_in(body, "duration_s"),
                                   .transcript = text_in(body, "transcript"),
                                   .error = text_in(body, "error"),
                                   .job_id = text_in(body, "job_id")};
  if (const auto status = text_in(body, "status")) change.status = app::parse_job_status(*status);
  return change;
}

Answer list(app::ConvertedSounds& sounds, const Request& request) {
  app::ConvertedSoundQuery query{.cursor = text_of(request, "cursor"),
                                 .count_max = limit_of(request)};
  query.filter.talent_id = text_of(request, "talent_id");
  query.filter.acc_id = text_of(request, "acc_id");
  if (const auto status = request.query_value("status")) {
    query.filter.status = app::parse_job_status(*status);
  }
  const TimeSpan times = KATIP_TRY(times_of(request));
  query.filter.created_from = times.from;
  query.filter.created_before = times.before;
  const app::ConvertedSoundList page = KATIP_TRY(sounds.list(request.principal, query, {}));
  json::array items;
  for (const app::ConvertedSound& sound : page.rows) items.push_back(to_json(sound));
  return list_response(std::move(items), page.next_cursor, request);
}

Route route(Method method, const char* path, std::string operation, std::string summary) {
  const bool reads = method == Method::kGet;
  return {.method = method,
          .path = path,
          .operation = std::move(operation),
          .summary = std::move(summary),
          .tag = kTag,
          .permission = reads ? app::Permission::kReadJobs : app::Permission::kWriteJobs,
          .answers = {{200, "What there is", envelope(Schema::any())}, {404, "There is none"}}};
}

}  // namespace

void add_converted_sound_routes(RouteTable& table, app::ConvertedSounds& sounds,
                                app::Audit& audit) {
  const auto mark_of = [](std::string action) -> AuditMark {
    return {.action = std::move(action),
            .target_kind = "converted_sound",
            .target = "id",
            .details = &changed_fields};
  };
  Route create = route(Method::kPost, kPath, "create_converted_sound", "Hands a sound over");
  create.body_kind = BodyKind::kJson;
  create.body = sound_schema();
  create.body_size_max = 16 << 20;
  create.answers = {{201, "The sound", envelope(Schema::any())}};
  create.handle = [&sounds](Request& request) -> Answer {
    const app::ConvertedSound made =
        KATIP_TRY(sounds.create(request.principal, change_of(request.object()), {}));
    Response response = native_response(to_json(made), "the sound is known now", 201);
    response.headers.set("Location", std::string(kPath) + "/" + made.id);
    return response;
  };
  AuditMark makes = mark_of("converted_sound.create");
  makes.target = "";
  table.add(audited(audit, std::move(makes), std::move(create)));
  Route all = route(Method::kGet, kPath, "list_converted_sounds", "Sounds, newest first");
  all.parameters = time_parameters();
  all.parameters.push_back({.name = "talent_id", .schema = Schema::string().length(1, 64)});
  all.parameters.push_back({.name = "acc_id", .schema = Schema::string().length(1, 64)});
  all.parameters.push_back({.name = "status", .schema = status_schema()});
  all.parameters = list_parameters(std::move(all.parameters));
  all.handle = [&sounds](Request& request) { return list(sounds, request); };
  table.add(std::move(all));
  Route one = route(Method::kGet, kOnePath, "get_converted_sound", "One sound");
  one.handle = [&sounds](Request& request) -> Answer {
    return native_response(
        to_json(KATIP_TRY(sounds.get(request.principal, request.path_value("id"), {}))));
  };
  table.add(std::move(one));
  Route update =
      route(Method::kPatch, kOnePath, "update_converted_sound", "Says what became of it");
  update.body_kind = BodyKind::kJson;
  update.body = sound_schema();
  update.body_size_max = 16 << 20;
  update.handle = [&sounds](Request& request) -> Answer {
    return native_response(to_json(KATIP_TRY(sounds.update(
        request.principal, request.path_value("id"), change_of(request.object()), {}))));
  };
  table.add(audited(audit, mark_of("converted_sound.change"), std::move(update)));
  Route remove = route(Method::kDelete, kOnePath, "delete_converted_sound", "Forgets it");
  remove.answers = {{.status = 204, .description = "It is gone"}, {404, "There is none"}};
  remove.handle = [&sounds](Request& request) -> Answer {
    KATIP_TRY(sounds.remove(request.principal, request.path_value("id"), {}));
    return empty_response();
  };
  table.add(audited(audit, mark_of("converted_sound.delete"), std::move(remove)));
}

}  // namespace katip::http
