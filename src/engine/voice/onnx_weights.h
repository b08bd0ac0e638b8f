#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/tensor_table.h"

namespace katip::engine {

/// An operation of an ONNX graph; the names of its inputs lead to tensors or to other operations.
struct OnnxNode {
  std::string operation;
  std::vector<std::string> inputs;
};

/// What we read of an ONNX file: its stored tensors, and its operations in order of computation.
/// Attributes, types and everything else are passed over.
struct OnnxWeights {
  TensorTable tensors;
  std::vector<OnnxNode> nodes;
};

/// Errors:   kCorruptData naming the place, for bytes that are no ONNX file, or break off.
/// Lifetime: the views of the tensors point into `file`.
/// Source:   onnx/onnx.proto (ModelProto, GraphProto, NodeProto, TensorProto); the encoding is
///           protobuf's wire format.
Result<OnnxWeights> parse_onnx_weights(std::span<const std::byte> file);

}  // namespace katip::engine
