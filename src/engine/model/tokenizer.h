#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace katip::engine {

/// Tokens whose meaning is fixed; ids differ between multilingual and English-only vocabularies and
/// between sizes.
struct SpecialTokens {
  int end_of_text = 0;
  int start_of_transcript = 0;
  int translate = 0;
  int transcribe = 0;
  int start_of_lm = 0;
  int start_of_previous = 0;
  int no_speech = 0;
  int no_timestamps = 0;
  int timestamp_begin = 0;  ///< <|0.00|>; each further id is 20 ms later, up to <|30.00|>.
  int language_begin = 0;   ///< First language token; English-only models have none.
  int language_count = 0;
};

/// Byte-level BPE as Whisper uses it.
///
/// Threads: immutable; safe from any thread.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// The bytes of the text tokens; special tokens and timestamps give nothing. May end inside a
  /// UTF-8 character.
  [[nodiscard]] virtual std::string decode(std::span<const int> tokens) const = 0;
  /// The text as ordinary tokens: special tokens spelled out in it stay plain text.
  [[nodiscard]] virtual std::vector<int> encode(std::string_view text) const = 0;

  [[nodiscard]] virtual const SpecialTokens& special() const = 0;
  /// <|tr|> for "tr"; nothing for languages that this vocabulary lacks.
  [[nodiscard]] virtual std::optional<int> language_token(std::string_view code) const = 0;
  /// "tr" for <|tr|>.
  [[nodiscard]] virtual std::string_view language_code(int token) const = 0;
};

}  // namespace katip::engine
