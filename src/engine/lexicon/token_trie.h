#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace katip::engine {

/// One spelling of a term, as tokens.
struct TokenSequence {
  std::vector<int> tokens;
  float weight = 1.0f;
};

/// What a term is worth, token by token; see LexiconStrength.
struct TrieWorth {
  float first = 0.0f;
  float next = 0.0f;
  float whole = 0.0f;
  float most = 0.0f;
  float crowd = 0.0f;
};

/// A prefix tree of token sequences in a few flat arrays, with the worth of each node.
///
/// Threads: immutable; safe from any thread.
class TokenTrie {
 public:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;
  static constexpr Node kNone = 0;  ///< No node has the root as its child.

  TokenTrie() = default;
  /// Sequences may come in any order and more than once; the heaviest weight of equals counts.
  /// Empty ones and those with tokens outside 0 … token_count - 1 are left out.
  TokenTrie(std::vector<TokenSequence> sequences, std::size_t token_count, const TrieWorth& worth);

  /// The node that `token` leads to, or kNone.
  [[nodiscard]] Node child(Node node, int token) const;
  /// What a hypothesis at this node is worth more than one that began no term.
  [[nodiscard]] float worth(Node node) const { return worths_[node]; }
  /// The part of it that is kept whatever comes next: terms that are complete here.
  [[nodiscard]] float earned(Node node) const { return earned_[node]; }
  [[nodiscard]] bool has_children(Node node) const {
    return child_begin_[node] < child_begin_[node + 1];
  }

  [[nodiscard]] std::size_t node_count() const { return worths_.size(); }
  [[nodiscard]] std::size_t sequence_count() const { return sequence_count_; }

 private:
  struct Builder;

  std::vector<std::uint32_t> child_begin_ = {0, 0};  ///< Of each node, and one behind the last.
  std::vector<int> child_tokens_;                    ///< Rising within a node.
  std::vector<Node> root_children_;                  ///< By token: most look-ups end here.
  std::vector<float> worths_ = {0.0f};
  std::vector<float> earned_ = {0.0f};
  std::size_t sequence_count_ = 0;
};

}  // namespace katip::engine
