#pragma once

#include <vector>

#include "engine/engine.h"
#include "engine/lexicon/token_trie.h"
#include "engine/model/tokenizer.h"

namespace katip::engine {

/// Appends the token sequences by which the model may write a term and its alternatives: each as
/// written and with a capital first letter, with a space before it and without (only without in
/// scripts that have no spaces). The same sequence may come twice.
void add_spellings(const LexiconTerm& term, const Tokenizer& tokenizer,
                   std::vector<TokenSequence>& sequences);

}  // namespace katip::engine
