#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/model/vocabulary.h"

namespace katip::engine {

/// Merges the bytes of a piece into tokens, the rule with the lowest rank first, as byte pair
/// encoding does. In time n log n, so that a piece of a million letters is no attack.
///
/// Without merge rules in the vocabulary, two neighbours merge when they join to a token, the one
/// with the lowest id first: GPT-2 style vocabularies number their tokens in the order of the
/// merges.
///
/// Lifetime: `vocabulary` must outlive it.
/// Threads:  immutable; safe from any thread.
class BytePairEncoder {
 public:
  /// Tokens from `text_count` on are special and never the result of a merge.
  BytePairEncoder(const Vocabulary& vocabulary, std::size_t text_count);

  /// Appends the tokens of one piece (byte_level.h). Bytes without a token are left out.
  void encode_piece(std::string_view piece, std::vector<int>& tokens) const;

 private:
  struct Merge {
    std::uint32_t rank = 0;
    int token = -1;  ///< -1: these two do not merge.
  };
  struct Symbol;
  struct Candidate;

  [[nodiscard]] Merge find_merge(const Symbol& left, const Symbol& right,
                                 std::string_view piece) const;
  void add_rules(const Vocabulary& vocabulary);

  std::unordered_map<std::string_view, int> ids_;
  std::unordered_map<std::uint64_t, Merge> rules_;  ///< By the two ids; empty: merge by id.
  bool has_rules_ = false;
  std::vector<int> byte_ids_;
};

}  // namespace katip::engine
