#pragma once

#include <string_view>

#include "base/result.h"
#include "engine/model/config.h"
#include "engine/model/tensor_table.h"
#include "engine/model/tokenizer.h"

/// How a model's shape is found out: from Hugging Face's two configuration files, or from
/// CTranslate2's one and the tensors themselves. Lists that a file leaves out stay empty until
/// complete_config() computes them.
namespace katip::engine {

/// `generation_text` (generation_config.json) may be empty: the lists are then those of
/// config.json.
///
/// Errors: kCorruptData naming the file and the key; kInvalidArgument for a model that is not a
///         Whisper model.
Result<ModelConfig> read_huggingface_config(std::string_view config_text,
                                            std::string_view generation_text);

/// Errors: kCorruptData naming the file and the key, or the tensor.
Result<ModelConfig> read_ctranslate2_config(std::string_view config_text,
                                            const TensorTable& tensors);

/// Every number within what a Whisper model can have. Errors: kCorruptData naming number and
/// limits.
Status validate_config(const ModelConfig& config);

/// Fills in what the files left out: the alignment heads (all heads of the last half of the decoder
/// layers), the suppressed tokens (everything that is not speech), and whether it is multilingual.
/// Special tokens other than the end are always suppressed.
///
/// Errors: kCorruptData for token ids that the vocabulary does not have.
Status complete_config(ModelConfig& config, const Tokenizer& tokenizer);

}  // namespace katip::engine
