#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "engine/model/tokenizer.h"
#include "engine/model/vocabulary.h"

namespace katip::engine {

/// The tokenizer of a model with `vocabulary_size` rows in its embedding. The tables that encode()
/// needs are made when it is first called: a model starts without them.
///
/// Errors: kCorruptData when the vocabulary is not Whisper's, or belongs to another model.
Result<std::unique_ptr<const Tokenizer>> make_tokenizer(Vocabulary vocabulary, int vocabulary_size);

/// Reads the first of tokenizer.json, vocab.json with merges.txt, vocabulary.json and
/// vocabulary.txt that the folder has.
///
/// Errors: kNotFound when it has none; kCorruptData naming the file and the fault.
Result<std::unique_ptr<const Tokenizer>> open_tokenizer(const std::filesystem::path& model_dir,
                                                        int vocabulary_size);

}  // namespace katip::engine
