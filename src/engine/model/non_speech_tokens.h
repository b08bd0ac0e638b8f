#pragma once

#include <vector>

#include "engine/model/tokenizer.h"

namespace katip::engine {

/// Tokens that write something nobody said: brackets, quotes, music notes, and hyphens and
/// apostrophes that begin a word. Sorted.
///
/// Source: whisper/tokenizer.py `non_speech_tokens`; equal to the lists in the published models.
std::vector<int> non_speech_tokens(const Tokenizer& tokenizer);

}  // namespace katip::engine
