#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "engine/model/config.h"
#include "engine/model/model_format.h"
#include "engine/model/tokenizer.h"
#include "engine/model/weights.h"

namespace katip::engine {

/// A model folder, opened and checked: Hugging Face (model.safetensors or its sharded index,
/// config.json, generation_config.json, tokenizer.json or vocab.json + merges.txt) or CTranslate2
/// (model.bin, config.json, and tokenizer.json or vocabulary.json or vocabulary.txt).
struct ModelFiles {
  ModelFormat format = ModelFormat::kHuggingFace;
  ModelConfig config;
  std::unique_ptr<const Tokenizer> tokenizer;
  std::unique_ptr<const Weights> weights;

  /// Errors: kNotFound naming the missing file and what to run; kCorruptData naming file and fault.
  static Result<ModelFiles> open(const std::filesystem::path& model_dir);
};

}  // namespace katip::engine
