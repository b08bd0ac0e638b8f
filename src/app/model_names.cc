#include "app/model_names.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

/// Tested by model_names_test.cc.
namespace katip::app {
namespace {

constexpr std::array<std::string_view, 6> kOpenAiNames = {kWhisper1,
                                                          "gpt-transcribe",
                                                          "gpt-4o-transcribe",
                                                          "gpt-4o-mini-transcribe",
                                                          "gpt-4o-mini-transcribe-2025-12-15",
                                                          "gpt-4o-transcribe-diarize"};

}  // namespace

Result<ModelNames> ModelNames::create(std::string served_model,
                                      const std::vector<std::string>& aliases) {
  ModelNames names;
  names.served_model_ = std::move(served_model);
  for (const std::string& alias : aliases) {
    const std::size_t equals = alias.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == alias.size()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("`{}` is no alias; one is `whisper-1=base`", alias));
    }
    names.names_.push_back(
        {.id = alias.substr(0, equals), .model = alias.substr(equals + 1), .owned_by = "katip"});
  }
  if (!names.find(names.served_model_)) {
    names.names_.push_back(
        {.id = names.served_model_, .model = names.served_model_, .owned_by = "katip"});
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
