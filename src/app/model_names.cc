#include "app/model_names.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

/// Tested by model_names_test.cc.
namespace katip::app {
namespace {

constexpr std::array<std::string_view, 8> kOpenAiNames = {kWhisper1,
                                                          "gpt-transcribe",
                                                          "gpt-4o-transcribe",
                                                          "gpt-4o-mini-transcribe",
                                                          "gpt-4o-mini-transcribe-2025-12-15",
                                                          kDiarizing,
                                                          "gpt-live-transcribe",
                                                          "gpt-realtime-whisper"};

}  // namespace

Result<ModelNames> ModelNames::create(std::string served_model,
                                      const std::vector<std::string>& other_models,
                                      const std::vector<std::string>& aliases) {
  ModelNames names;
  names.served_model_ = std::move(served_model);
  for (const std::string& alias : aliases) {
    const std::size_t equals = alias.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == alias.size()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("`{}` is no alias; one is `whisper-1=base`", alias));
    }
    const std::string model = alias.substr(equals + 1);
    if (model != names.served_model_ &&
        std::ranges::find(other_models, model) == other_models.end()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("`{}` names a model that is not here: add `{}` to "
                              "engine.other_models",
                              alias, model));
    }
    names.names_.push_back({.id = alias.substr(0, equals), .model = model, .owned_by = "katip"});
  }
  std::vector<std::string> models = other_models;
  models.insert(models.begin(), names.served_model_);
  for (const std::string& model : models) {
    if (!names.find(model)) {
      names.names_.push_back({.id = model, .model = model, .owned_by = "katip"});
    }
  }
  for (const std::string_view name : kOpenAiNames) {
    if (names.find(name)) continue;
    names.names_.push_back(
        {.id = std::string(name), .model = names.served_model_, .owned_by = "openai"});
  }
  return names;
}

std::optional<ModelName> ModelNames::find(std::string_view id) const {
  const auto found = std::ranges::find(names_, id, &ModelName::id);
  return found == names_.end() ? std::nullopt : std::optional(*found);
}

}  // namespace katip::app
