#pragma once

#include <filesystem>

#include "base/result.h"

namespace katip::engine {

enum class ModelFormat { kHuggingFace, kCTranslate2 };

/// What a model folder is, by the weight file it holds; safetensors win over model.bin.
///
/// Errors: kNotFound when there is no folder or no weight file in it, saying what to do.
Result<ModelFormat> detect_model_format(const std::filesystem::path& model_dir);

}  // namespace katip::engine
