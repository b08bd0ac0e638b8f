#include "app/loaded_models.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

/// Tested by loaded_models_test.cc.
namespace katip::app {

using namespace std::chrono_literals;

LoadedModels::LoadedModels(LoadedModelsOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {
  places_[options_.served_model] = std::make_unique<Place>();
  for (const std::string& name : options_.other_models) {
    if (!places_.contains(name)) places_[name] = std::make_unique<Place>();
  }
}

Result<std::unique_ptr<LoadedModels>> LoadedModels::create(LoadedModelsOptions options,
                                                           const Clock& clock) {
  std::unique_ptr<LoadedModels> models(new LoadedModels(std::move(options), clock));
  KATIP_TRY(models->use(""));
  return models;
}

Result<ModelUse> LoadedModels::use(std::string_view name) {
  const auto found = places_.find(name.empty() ? options_.served_model : name);
  if (found == places_.end()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("this worker has no model `{}`: name it in engine.other_models", name));
  }
  Place& place = *found->second;
  const std::scoped_lock lock(place.mutex);
  if (!place.model) {
    place.model = std::make_shared<const LoadedModel>(KATIP_TRY(options_.open(found->first)));
  }
  place.last_use = clock_.now();
  return ModelUse{.name = found->first,
                  .made_by = place.model->made_by,
                  .transcribe = [model = place.model](const TranscribeRequest& request,
                                                      const TranscribeObserver& observer,
                                                      std::stop_token stop) {
                    return model->run(request, observer, std::move(stop));
                  }};
}

void LoadedModels::let_go_of_idle() {
  for (const auto& [name, place] : places_) {
    if (name == options_.served_model) continue;
    std::shared_ptr<const LoadedModel> idle;  // Ends without the lock: it is a gigabyte.
    const std::unique_lock lock(place->mutex, std::try_to_lock);
    if (!lock || !place->model) continue;
    if (place->model.use_count() > 1) {
      place->last_use = clock_.now();
    } else if (clock_.now() - place->last_use >= options_.idle_max) {
      idle = std::move(place->model);
    }
  }
}

void LoadedModels::run(std::stop_token stop) {
  if (options_.idle_max == 0s || places_.size() == 1) return;
  const auto pause = std::clamp<std::chrono::seconds>(options_.idle_max / 4, 1s, 30s);
  while (clock_.sleep_for(pause, stop)) let_go_of_idle();
}

std::vector<std::string> LoadedModels::loaded() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : places_) {
    const std::scoped_lock lock(place->mutex);
    if (place->model) names.push_back(name);
  }
  return names;
}

}  // namespace katip::app
