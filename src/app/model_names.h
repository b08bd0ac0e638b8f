#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace katip::app {

/// A model as clients of the OpenAI-compatible API name it.
struct ModelName {
  std::string id;        ///< "gpt-4o-transcribe", "base".
  std::string model;     ///< The model that answers to it: "base".
  std::string owned_by;  ///< "katip" for a model that is here, "openai" for a name of theirs.
};

/// Which model is meant by a name. Every name that the official clients know stands for the model
/// that is served, so that programs work without a change, unless an alias says otherwise.
///
/// Threads: immutable.
class ModelNames {
 public:
  /// `other_models`: what workers load when it is asked for. `aliases`:
  /// "gpt-4o-transcribe=large-v3", which come before the built-in ones.
  ///
  /// Errors: kInvalidArgument for an alias that is none, or of a model that is not here.
  static Result<ModelNames> create(std::string served_model,
                                   const std::vector<std::string>& other_models,
                                   const std::vector<std::string>& aliases);

  [[nodiscard]] std::optional<ModelName> find(std::string_view id) const;
  /// What a task is told that shall use it: nothing for the served one, so that each worker takes
  /// its own.
  [[nodiscard]] std::string name_for_task(const ModelName& name) const {
    return name.model == served_model_ ? std::string() : name.model;
  }
  [[nodiscard]] const std::vector<ModelName>& all() const { return names_; }
  [[nodiscard]] const std::string& served_model() const { return served_model_; }

 private:
  std::string served_model_;
  std::vector<ModelName> names_;
};

/// whisper-1 answers at once where the others can stream.
inline constexpr std::string_view kWhisper1 = "whisper-1";
/// Longer recordings need a chunking strategy with this one.
inline constexpr std::string_view kDiarizing = "gpt-4o-transcribe-diarize";

}  // namespace katip::app
