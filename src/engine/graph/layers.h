#pragma once

#include <string>

#include <openvino/core/node.hpp>

#include "base/result.h"
#include "engine/engine.h"
#include "engine/model/weights.h"

/// The pieces of a Whisper graph, built from named weights. Private to engine/graph.
namespace katip::engine {

/// Builds OpenVINO nodes out of the weights of one model.
///
/// With Precision::kInt8 a matrix becomes int8 with a scale per row; the activations are quantised
/// at run time by OpenVINO, row by row, which keeps a row's result independent of the rest of its
/// batch.
class Layers {
 public:
  Layers(const Weights& weights, Precision precision) : weights_(weights), precision_(precision) {}

  using Output = ov::Output<ov::Node>;

  /// The tensor as a float constant, reshaped to `shape` unless that is empty.
  [[nodiscard]] Result<Output> constant(const std::string& name, const ov::Shape& shape = {}) const;
  /// A weight matrix [rows, columns] as a constant that a product can read.
  [[nodiscard]] Result<Output> matrix(const std::string& name) const;
  /// x · matrixᵀ + bias.
  [[nodiscard]] Result<Output> linear(const Output& x, const std::string& name) const;
  [[nodiscard]] Result<Output> layer_norm(const Output& x, const std::string& name) const;
  /// x + down(gelu(up(norm(x)))).
  [[nodiscard]] Result<Output> feed_forward(const Output& x, const std::string& layer) const;

 private:
  const Weights& weights_;
  Precision precision_;
};

}  // namespace katip::engine
