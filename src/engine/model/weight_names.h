#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/config.h"

/// The tensors that a Whisper model has under the names of weights.h, and what the two file formats
/// call them.
namespace katip::engine {

struct WeightShape {
  std::string name;
  std::vector<std::size_t> shape;
};

/// Every tensor of the model, encoder first.
std::vector<WeightShape> weight_shapes(const ModelConfig& config);

/// How many numbers the model has learned; the zeros that stand for missing key biases do not
/// count.
std::int64_t parameter_count(const ModelConfig& config);

/// A tensor in a file. Several of them, one below the other, make one canonical tensor.
struct WeightSource {
  std::string name;
  bool optional = false;  ///< Zeros when the file has none.
};

/// Hugging Face names without the leading "model.". `name` must be one of weight_shapes().
std::vector<WeightSource> huggingface_sources(std::string_view name);

/// CTranslate2 names. `name` must be one of weight_shapes().
std::vector<WeightSource> ctranslate2_sources(std::string_view name);

}  // namespace katip::engine
