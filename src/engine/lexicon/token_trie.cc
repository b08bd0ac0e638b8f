// The sequences are sorted, so that those that share a beginning stand together. Nodes are made
// level by level: the children of a node get consecutive numbers, and child i of a node is node
// child_begin_ + i + 1. Tested by token_trie_test.cc.
#include "engine/lexicon/token_trie.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace katip::engine {
namespace {

/// The sequences below one node: [begin, end) of the sorted list.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

void sort_and_clean(std::vector<TokenSequence>& sequences, std::size_t token_count) {
  std::erase_if(sequences, [token_count](const TokenSequence& sequence) {
    const auto is_outside = [token_count](int token) {
      return token < 0 || static_cast<std::size_t>(token) >= token_count;
    };
    return sequence.tokens.empty() || !(sequence.weight > 0.0f) ||
           std::ranges::any_of(sequence.tokens, is_outside);
  });
  std::ranges::sort(sequences, [](const TokenSequence& a, const TokenSequence& b) {
    return a.tokens != b.tokens ? a.tokens < b.tokens : a.weight > b.weight;
  });
  const auto repeated = std::ranges::unique(sequences, {}, &TokenSequence::tokens);
  sequences.erase(repeated.begin(), repeated.end());
}

float part_worth(const TrieWorth& worth, float weight, std::size_t depth) {
  return weight * std::min(worth.first + worth.next * static_cast<float>(depth - 1), worth.most);
}

float whole_worth(const TrieWorth& worth, float weight, std::size_t depth) {
  const float part = worth.first + worth.next * static_cast<float>(depth - 1);
  return weight * std::min(part + worth.whole, worth.most);
}

}  // namespace

/// Makes the nodes of one trie.
struct TokenTrie::Builder {
  TokenTrie& trie;
  const std::vector<TokenSequence>& sequences;
  const TrieWorth& worth;

  /// Appends the children of a node whose sequences share their first `depth` tokens.
  std::vector<Range> add_children(Range range, std::size_t depth, float parent_earned) {
    std::vector<Range> children;
    while (range.begin < range.end && sequences[range.begin].tokens.size() == depth) ++range.begin;
    while (range.begin < range.end) {
      const int token = sequences[range.begin].tokens[depth];
      Range child{range.begin, range.begin};
      while (child.end < range.end && sequences[child.end].tokens[depth] == token) ++child.end;
      trie.child_tokens_.push_back(token);
      add_worth(child, depth + 1, parent_earned);
      children.push_back(child);
      range.begin = child.end;
    }
    return children;
  }

  void add_worth(Range range, std::size_t depth, float parent_earned) {
    const TokenSequence& shortest = sequences[range.begin];
    float earned = parent_earned;
    if (shortest.tokens.size() == depth) {
      earned = std::max(earned, whole_worth(worth, shortest.weight, depth));
    }
    float weight = 0.0f;
    for (std::size_t i = range.begin; i < range.end; ++i) {
      weight = std::max(weight, sequences[i].weight);
    }
    const auto term_count = static_cast<float>(range.end - range.begin);
    const float part = part_worth(worth, weight, depth) - worth.crowd * std::log(term_count);
    trie.earned_.push_back(earned);
    trie.worths_.push_back(std::max(earned, part));
  }
};

TokenTrie::TokenTrie(std::vector<TokenSequence> sequences, std::size_t token_count,
                     const TrieWorth& worth) {
  sort_and_clean(sequences, token_count);
  sequence_count_ = sequences.size();
  child_begin_.clear();
  Builder builder{*this, sequences, worth};
  std::vector<Range> level = {{0, sequences.size()}};
  for (std::size_t depth = 0; !level.empty(); ++depth) {
    const std::size_t first_node = earned_.size() - level.size();
    std::vector<Range> next;
    for (std::size_t i = 0; i < level.size(); ++i) {
      child_begin_.push_back(static_cast<std::uint32_t>(child_tokens_.size()));
      const float earned = earned_[first_node + i];
      const std::vector<Range> children = builder.add_children(level[i], depth, earned);
      next.insert(next.end(), children.begin(), children.end());
    }
    level = std::move(next);
  }
  child_begin_.push_back(static_cast<std::uint32_t>(child_tokens_.size()));
  root_children_.assign(token_count, kNone);
  for (std::uint32_t i = 0; i < child_begin_[1]; ++i) {
    root_children_[static_cast<std::size_t>(child_tokens_[i])] = i + 1;
  }
}

TokenTrie::Node TokenTrie::child(Node node, int token) const {
  if (node == kRoot) {
    const auto index = static_cast<std::size_t>(token);
    return token >= 0 && index < root_children_.size() ? root_children_[index] : kNone;
  }
  const auto begin = child_tokens_.begin() + child_begin_[node];
  const auto end = child_tokens_.begin() + child_begin_[node + 1];
  const auto found = std::lower_bound(begin, end, token);
  if (found == end || *found != token) return kNone;
  return static_cast<Node>(found - child_tokens_.begin()) + 1;
}

}  // namespace katip::engine
