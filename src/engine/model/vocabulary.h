#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace katip::engine {

/// Two neighbours that become one token; earlier rules go first.
struct MergeRule {
  std::string_view left;
  std::string_view right;
};

/// The tokens of a vocabulary file, spelled as bytes, by id.
///
/// Lifetime: what token() and merge() give points into this object, and survives moving it.
/// Threads:  immutable once filled; safe from any thread.
class Vocabulary {
 public:
  [[nodiscard]] std::size_t size() const { return tokens_.size(); }
  /// The bytes of a token; empty for ids that the file leaves out.
  [[nodiscard]] std::string_view token(std::size_t id) const { return slice(tokens_[id]); }
  /// Empty when the file has no merges: then tokens merge in the order of their ids.
  [[nodiscard]] std::size_t merge_count() const { return merges_.size(); }
  [[nodiscard]] MergeRule merge(std::size_t rank) const;

  /// `spelled` by id, as the file spells them. From <|endoftext|> on, tokens were added to the
  /// vocabulary and stand as plain text.
  void set_tokens(std::span<const std::string_view> spelled);
  void add_merge(std::string_view spelled_left, std::string_view spelled_right);

 private:
  struct Slice {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };
  struct Merge {
    Slice all;
    std::uint32_t left_size = 0;
  };

  [[nodiscard]] std::string_view slice(Slice part) const {
    return {text_.data() + part.begin, part.size};
  }
  Slice append(std::string_view bytes);

  std::vector<char> text_;  // not a string: a moved short string would leave its views behind
  std::vector<Slice> tokens_;
  std::vector<Merge> merges_;
};

/// The parsers below all fail with kCorruptData, naming the fault; the caller names the file.
/// A vocabulary file of Hugging Face's tokenizers library, of the kind BPE.
Result<Vocabulary> parse_tokenizer_json(std::string_view text);

/// vocab.json and merges.txt, with added_tokens.json, which may be empty text.
struct VocabularyTexts {
  std::string_view vocabulary;
  std::string_view merges;
  std::string_view added_tokens;
};
Result<Vocabulary> parse_vocabulary_and_merges(const VocabularyTexts& texts);

/// CTranslate2's vocabulary.json: a list of tokens in the order of their ids.
Result<Vocabulary> parse_vocabulary_list(std::string_view text);

/// CTranslate2's vocabulary.txt: a token on each line in the order of their ids.
Result<Vocabulary> parse_vocabulary_lines(std::string_view text);

}  // namespace katip::engine
