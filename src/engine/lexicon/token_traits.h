#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/model/tokenizer.h"

namespace katip::engine {

/// What a lexicon needs to know of each token: where words may begin.
///
/// Threads: immutable; safe from any thread.
class TokenTraits {
 public:
  explicit TokenTraits(const Tokenizer& tokenizer);

  /// Special tokens and timestamps: no text.
  [[nodiscard]] bool is_special(int token) const {
    return token < 0 || static_cast<std::size_t>(token) >= traits_.size();
  }
  /// It begins with a space, and so begins a word.
  [[nodiscard]] bool has_space(int token) const { return has(token, kSpace); }
  /// A word may begin right after it, without a space: it ends in a mark, or in a script that is
  /// written without spaces. True for special tokens.
  [[nodiscard]] bool ends_word(int token) const {
    return is_special(token) || has(token, kEndsWord);
  }

 private:
  static constexpr std::uint8_t kSpace = 1;
  static constexpr std::uint8_t kEndsWord = 2;

  [[nodiscard]] bool has(int token, std::uint8_t trait) const {
    return !is_special(token) && (traits_[static_cast<std::size_t>(token)] & trait) != 0;
  }

  std::vector<std::uint8_t> traits_;  ///< By token, text tokens only.
};

/// True when `text` begins with a character of a script that is written without spaces: Chinese,
/// Japanese, Thai, Lao, Khmer, Burmese.
bool begins_without_space(std::string_view text);

}  // namespace katip::engine
