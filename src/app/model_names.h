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
/// that this server runs, so that programs work without a change.
///
/// Threads: immutable.
class ModelNames {
 public:
  /// `aliases`: "gpt-4o-transcribe=large-v3", which come before the built-in ones.
  ///
  /// Errors: kInvalidArgument for an alias that is none.
  static Result<ModelNames> create(std::string served_model,
                                   const std::vector<std::string>& aliases);

  [[nodiscard]] std::optional<ModelName> find(std::string_view id) const;
  [[nodiscard]] const std::vector<ModelName>& all() const { return names_; }
  [[nodiscard]] const std::string& served_model() const { return served_model_; }

 private:
  std::string served_model_;
  std::vector<ModelName> names_;
};

/// whisper-1 answers at once where the others can stream.
inline constexpr std::string_view kWhisper1 = "whisper-1";

}  // namespace katip::app
