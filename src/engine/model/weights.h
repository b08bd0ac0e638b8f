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
/// Names (i counts layers; projections are fused; a missing bias reads as zeros; D = state_size):
///   encoder/conv1|conv2/weight [D, in, 3], .../bias [D]
///   encoder/positions [1500, D]
///   encoder/layer_i/self_attention/layer_norm/gamma|beta [D]
///   encoder/layer_i/self_attention/qkv/weight [3D, D], .../bias [3D]      rows: queries, keys,
///   values encoder/layer_i/self_attention/output/weight [D, D], .../bias [D]
///   encoder/layer_i/ffn/layer_norm/gamma|beta, ffn/up/weight [4D, D], /bias, ffn/down/weight [D,
///   4D], /bias encoder/layer_norm/gamma|beta decoder/embeddings [vocabulary, D], decoder/positions
///   [448, D] decoder/layer_i/self_attention/... and ffn/... as in the encoder
///   decoder/layer_i/cross_attention/layer_norm/gamma|beta
///   decoder/layer_i/cross_attention/query/weight [D, D], /bias
///   decoder/layer_i/cross_attention/key_value/weight [2D, D], /bias       rows: keys, values
///   decoder/layer_i/cross_attention/output/weight [D, D], /bias
///   decoder/layer_norm/gamma|beta
///
/// Threads: immutable after open; load() is safe from any thread.
class Weights {
 public:
  virtual ~Weights() = default;

  /// Errors: kCorruptData when the tensor is missing, or its shape or type is not as the
  /// configuration says.
  [[nodiscard]] virtual Result<FloatTensor> load(std::string_view name) const = 0;
};

}  // namespace katip::engine
