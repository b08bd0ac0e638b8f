#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/tokenizer.h"

namespace katip::engine {

/// Text tokens [token_begin, token_end) that make one word or one mark of punctuation.
struct TokenWord {
  std::string text;  ///< With its leading space.
  std::size_t token_begin = 0;
  std::size_t token_end = 0;
};

/// Cuts a text into words: at spaces and ASCII punctuation, or, for languages written without
/// spaces (zh ja th lo my yue), after every token that ends a character. A character is never cut,
/// whatever its tokens; bytes that are no character stay where they are.
///
/// Shapes:  the words cover all `tokens`, in order.
/// Threads: pure; safe from any thread.
/// Source:  whisper/tokenizer.py `split_to_word_tokens`.
std::vector<TokenWord> split_words(std::span<const int> tokens, std::string_view language,
                                   const Tokenizer& tokenizer);

/// True for an opening mark that belongs to the next word, with a space before it: ` (`.
/// Source: whisper/timing.py `merge_punctuations`.
bool is_prepended(std::string_view text);
/// True for a mark that belongs to the word before it: `,`.
bool is_appended(std::string_view text);
/// True for a mark that ends a sentence.
bool is_sentence_end(std::string_view text);

}  // namespace katip::engine
