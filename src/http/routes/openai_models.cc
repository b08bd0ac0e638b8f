#include <algorithm>
#include <chrono>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "http/routes/audited.h"
#include "http/routes/openai_audio.h"

/// Tested by tests/e2e/test_openai.py.
namespace katip::http {
namespace json = boost::json;
namespace {

json::object to_json(const app::ModelName& model, std::int64_t created) {
  return {
      {"id", model.id}, {"object", "model"}, {"created", created}, {"owned_by", model.owned_by}};
}

Schema model_schema() {
  return Schema::object({{"id", Schema::string(), Need::kRequired},
                         {"object", Schema::string(), Need::kRequired},
                         {"created", Schema::integer(), Need::kRequired},
                         {"owned_by", Schema::string(), Need::kRequired}});
}

Schema deletion_schema() {
  return Schema::object({{"id", Schema::string(), Need::kRequired},
                         {"object", Schema::string(), Need::kRequired},
                         {"deleted", Schema::boolean(), Need::kRequired}});
}

Failure no_such_model(const std::string& id) {
  Failure failure(404, "MODEL_NOT_FOUND", fmt::format("The model '{}' does not exist", id));
  failure.parameter = "model";
  failure.openai_code = "model_not_found";
  return failure;
}

Answer remove(const app::ModelNames& models, const app::ModelPlaces& places,
              const std::string& id) {
  if (models.find(id)) {
    return std::unexpected(Failure(409, "MODEL_IN_USE", fmt::format("'{}' is in use", id)));
  }
  // A path is no name of a model here, whatever lies there.
  const auto installed = app::list_models(places);
  if (std::ranges::find(installed, id, &app::InstalledModel::name) == installed.end()) {
    return std::unexpected(no_such_model(id));
  }
  KATIP_TRY(app::remove_model(places, id));
  return json_response(json::object{{"id", id}, {"object", "model"}, {"deleted", true}});
}

}  // namespace

void add_openai_model_routes(RouteTable& table, const app::ModelNames& models,
                             const app::ModelPlaces& places, app::Audit& audit) {
  // Clients want a time of birth for a model; that of the server is as good as any.
  const std::int64_t created = std::chrono::system_clock::to_time_t(system_clock().calendar());
  table.add(
      {.path = "/v1/models",
       .operation = "list_models",
       .summary = "The names that transcription requests may use",
       .tag = "OpenAI",
       .permission = app::Permission::kTranscribe,
       .errors = ErrorShape::kOpenAi,
       .answers = {{200, "All models",
                    Schema::object({{"object", Schema::string(), Need::kRequired},
                                    {"data", Schema::array(model_schema()), Need::kRequired}})}},
       .handle = [&models, created](Request&) -> Answer {
         json::array data;
         for (const app::ModelName& model : models.all()) {
           data.push_back(to_json(model, created));
         }
         return json_response(json::object{{"object", "list"}, {"data", std::move(data)}});
       }});
  table.add({.path = "/v1/models/{model...}",
             .operation = "get_model",
             .summary = "One model; its name may have slashes",
             .tag = "OpenAI",
             .permission = app::Permission::kTranscribe,
             .errors = ErrorShape::kOpenAi,
             .answers = {{200, "The model", model_schema()}, {404, "There is no such model"}},
             .handle = [&models, created](Request& request) -> Answer {
               const std::string& id = request.path_value("model");
               if (const auto model = models.find(id))
                 return json_response(to_json(*model, created));
               return std::unexpected(no_such_model(id));
             }});
  table.add(audited(audit, {.action = "model.delete", .target_kind = "model", .target = "model"},
                    {.method = Method::kDelete,
                     .path = "/v1/models/{model...}",
                     .operation = "delete_model",
                     .summary = "Deletes the files of a model that is not in use",
                     .tag = "OpenAI",
                     .permission = app::Permission::kAdminister,
                     .errors = ErrorShape::kOpenAi,
                     .answers = {{200, "It is gone", deletion_schema()},
                                 {404, "There is no such model"},
                                 {409, "It is in use, or not ours to delete"}},
                     .handle = [&models, places](Request& request) {
                       return remove(models, places, request.path_value("model"));
                     }}));
}

}  // namespace katip::http
