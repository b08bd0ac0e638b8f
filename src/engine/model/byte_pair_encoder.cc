#include "engine/model/byte_pair_encoder.h"

#include <queue>

#include "engine/model/byte_level.h"

// The symbols of a piece form a linked list; a heap holds every pair that may merge. A pair taken
// from the heap is stale when one of its two symbols has changed since.
// Tested by whisper_tokenizer_test.cc against golden values.
namespace katip::engine {

struct BytePairEncoder::Symbol {
  std::size_t begin = 0;
  std::size_t size = 0;  ///< 0: merged into its left neighbour.
  int token = -1;
  std::ptrdiff_t previous = -1;
  std::ptrdiff_t next = -1;
};

struct BytePairEncoder::Candidate {
  Merge merge;
  std::ptrdiff_t left = 0;
  int left_token = 0;
  int right_token = 0;

  /// For a heap with the lowest rank, then the leftmost pair, on top.
  bool operator<(const Candidate& other) const {
    if (merge.rank != other.merge.rank) return merge.rank > other.merge.rank;
    return left > other.left;
  }
};

namespace {

std::uint64_t pair_key(int left, int right) {
  return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint64_t>(right);
}

}  // namespace

BytePairEncoder::BytePairEncoder(const Vocabulary& vocabulary, std::size_t text_count)
    : has_rules_(vocabulary.merge_count() > 0), byte_ids_(256, -1) {
  const std::size_t count = std::min(text_count, vocabulary.size());
  ids_.reserve(count);
  for (std::size_t id = 0; id < count; ++id) {
    const std::string_view token = vocabulary.token(id);
    if (token.empty()) continue;
    ids_.emplace(token, static_cast<int>(id));
    if (token.size() == 1) {
      int& byte_id = byte_ids_[static_cast<std::uint8_t>(token.front())];
      if (byte_id < 0) byte_id = static_cast<int>(id);
    }
  }
  if (has_rules_) add_rules(vocabulary);
}

void BytePairEncoder::add_rules(const Vocabulary& vocabulary) {
  rules_.reserve(vocabulary.merge_count());
  for (std::size_t rank = 0; rank < vocabulary.merge_count(); ++rank) {
    const MergeRule rule = vocabulary.merge(rank);
    // The two halves lie side by side, so the whole is a view as well.
    const std::string_view all(rule.left.data(), rule.left.size() + rule.right.size());
    const auto left = ids_.find(rule.left);
    const auto right = ids_.find(rule.right);
    const auto merged = ids_.find(all);
    if (left == ids_.end() || right == ids_.end() || merged == ids_.end()) continue;
    rules_.emplace(pair_key(left->second, right->second),
                   Merge{static_cast<std::uint32_t>(rank), merged->second});
  }
}

BytePairEncoder::Merge BytePairEncoder::find_merge(const Symbol& left, const Symbol& right,
                                                   std::string_view piece) const {
  if (has_rules_) {
    const auto found = rules_.find(pair_key(left.token, right.token));
    return found == rules_.end() ? Merge{} : found->second;
  }
  // Symbols are neighbours in the list, but a byte without a token may have stood between them.
  if (left.begin + left.size != right.begin) return {};
  const auto found = ids_.find(piece.substr(left.begin, left.size + right.size));
  if (found == ids_.end()) return {};
  return {static_cast<std::uint32_t>(found->second), found->second};
}

void BytePairEncoder::encode_piece(std::string_view piece, std::vector<int>& tokens) const {
  std::vector<Symbol> symbols;
  symbols.reserve(piece.size());
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const int token = byte_ids_[static_cast<std::uint8_t>(piece[i])];
    if (token < 0) continue;
    const auto index = static_cast<std::ptrdiff_t>(symbols.size());
    if (index > 0) symbols.back().next = index;
    symbols.push_back({i, 1, token, index - 1, -1});
  }
  const auto symbol = [&](std::ptrdiff_t i) -> Symbol& {
    return symbols[static_cast<std::size_t>(i)];
  };
  std::priority_queue<Candidate> candidates;
  const auto add_candidate = [&](std::ptrdiff_t left) {
    if (left < 0 || symbol(left).next < 0) return;
    const Symbol& right = symbol(symbol(left).next);
    const Merge merge = find_merge(symbol(left), right, piece);
    if (merge.token >= 0) candidates.push({merge, left, symbol(left).token, right.token});
  };
  for (std::size_t i = 0; i < symbols.size(); ++i) add_candidate(static_cast<std::ptrdiff_t>(i));

  while (!candidates.empty()) {
    const Candidate best = candidates.top();
    candidates.pop();
    Symbol& left = symbol(best.left);
    if (left.size == 0 || left.token != best.left_token || left.next < 0) continue;
    Symbol& right = symbol(left.next);
    if (right.token != best.right_token) continue;
    left.token = best.merge.token;
    left.size += right.size;
    left.next = right.next;
    right.size = 0;
    if (left.next >= 0) symbol(left.next).previous = best.left;
    add_candidate(left.previous);
    add_candidate(best.left);
  }
  for (std::ptrdiff_t i = symbols.empty() ? -1 : 0; i >= 0; i = symbol(i).next) {
    tokens.push_back(symbol(i).token);
  }
}

}  // namespace katip::engine
