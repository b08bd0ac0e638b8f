#pragma once

#include "engine/engine.h"
#include "engine/model/model_files.h"

namespace katip::engine {

/// What an opened model folder holds. Threads: pure.
ModelInfo describe_model(const ModelFiles& model);

}  // namespace katip::engine
