// Tested by head_lag_test.cc.
#include "engine/align/head_lag.h"

#include <algorithm>
#include <array>

namespace katip::engine {
namespace {

struct KnownHeads {
  std::array<AttentionHead, 8> heads;
  float lag_frames;
};

/// The lag with the least bias of word starts inside of speech, over synthetic, read and telephone
/// English.
constexpr std::array<KnownHeads, 2> kKnown = {{
    // base
    {{{{3, 1}, {4, 2}, {4, 3}, {4, 7}, {5, 1}, {5, 2}, {5, 4}, {5, 6}}}, 2.5f},
    // tiny.en
    {{{{1, 0}, {2, 0}, {2, 5}, {3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 4}}}, -5.5f},
}};

}  // namespace

float head_lag_frames(std::span<const AttentionHead> heads) {
  const auto is_same = [](const AttentionHead& a, const AttentionHead& b) {
    return a.layer == b.layer && a.head == b.head;
  };
  for (const KnownHeads& known : kKnown) {
    if (std::ranges::equal(heads, known.heads, is_same)) return known.lag_frames;
  }
  return 0.0f;
}

}  // namespace katip::engine
