#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace katip::engine {

/// What the alignment heads looked at while the text was predicted.
///
/// Lifetime: a view; the weights belong to the caller.
struct AlignmentWeights {
  enum class Order { kHeadRowFrame, kRowHeadFrame };

  /// Each row of frames is a softmax over the true length of the audio. Row i belongs to the
  /// position that predicts text token i, the last row to the one that predicts the end of text.
  std::span<const float> data = {};
  std::size_t head_count = 0;
  std::size_t row_count = 0;
  std::size_t frame_count = 0;  ///< 20 ms each.
  Order order = Order::kHeadRowFrame;
};

/// How well each row fits each frame: the weights of every head, normalised over the rows (so that
/// a frame that all rows look at says nothing), smoothed along time by a median of 7, averaged over
/// the heads. NaN and infinite weights count as 0.
///
/// Shapes:  -> [row_count, frame_count], row-major.
/// Threads: pure; safe from any thread.
/// Source:  whisper/timing.py `find_alignment`, `median_filter`; golden in tests/golden/align/.
std::vector<float> alignment_matrix(const AlignmentWeights& weights);

}  // namespace katip::engine
