#pragma once

#include "base/result.h"
#include "engine/model/tokenizer.h"
#include "engine/model/vocabulary.h"

namespace katip::engine {

/// Timestamps run from <|0.00|> to <|30.00|>.
inline constexpr int kTimestampCount = 1501;

/// Finds the tokens with a fixed meaning: by name where the vocabulary names them, else by their
/// usual place behind the text tokens, given how many there are in all.
///
/// Errors: kCorruptData when they cannot be found, or do not fit a model of `vocabulary_size`.
Result<SpecialTokens> find_special_tokens(const Vocabulary& vocabulary, int vocabulary_size);

}  // namespace katip::engine
