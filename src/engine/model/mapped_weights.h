#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/model/config.h"
#include "engine/model/mapped_file.h"
#include "engine/model/tensor_table.h"
#include "engine/model/weight_names.h"
#include "engine/model/weights.h"

namespace katip::engine {

/// What the files of a model folder hold, before anybody asked whether it is all that is needed.
struct WeightFiles {
  std::vector<MappedFile> files;  ///< What the views of `tensors` point into.
  TensorTable tensors;
};

using WeightNaming = std::function<std::vector<WeightSource>(std::string_view)>;

/// Makes the weights of `config` out of the tensors of its files.
///
/// Errors: kCorruptData naming the first tensor that is missing, or has a shape or a type other
///         than the configuration asks for. The numbers themselves are checked by load().
Result<std::unique_ptr<const Weights>> make_weights(const ModelConfig& config, WeightFiles files,
                                                    const WeightNaming& naming);

}  // namespace katip::engine
