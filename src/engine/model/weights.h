#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace katip::engine {

/// A dense row-major array of floats.
struct FloatTensor {
  std::vector<std::size_t> shape;
  std::vector<float> data;
};

/// The weights of one model folder by canonical name, read from the mapped file one tensor at a
/// time, so that the whole model is never in memory as floats.
///
/// Names (i counts layers, D = state_size; a missing bias reads as zeros):
///   - encoder/conv1, encoder/conv2: weight [D, in, 3], bias [D]
///   - encoder/positions [1500, D], decoder/positions [448, D], decoder/embeddings [vocabulary, D]
///   - encoder/layer_norm, decoder/layer_norm: gamma, beta [D]
///
/// and in encoder/layer_i and decoder/layer_i:
///   - self_attention/layer_norm, ffn/layer_norm: gamma, beta [D]
///   - self_attention/qkv: weight [3D, D], bias [3D], the rows of queries, keys, values
///   - self_attention/output: weight [D, D], bias [D]
///   - ffn/up: weight [4D, D], bias [4D]
///   - ffn/down: weight [D, 4D], bias [D]
///
/// and in decoder/layer_i:
///   - cross_attention/layer_norm: gamma, beta [D]
///   - cross_attention/query, cross_attention/output: weight [D, D], bias [D]
///   - cross_attention/key_value: weight [2D, D], bias [2D], the rows of keys, values
///
/// Threads: immutable after open; load() is safe from any thread.
class Weights {
 public:
  virtual ~Weights() = default;

  /// Errors: kCorruptData when the tensor is missing, or holds numbers that are not
  /// finite. Shapes and types were checked when the model was opened.
  [[nodiscard]] virtual Result<FloatTensor> load(std::string_view name) const = 0;
};

}  // namespace katip::engine
