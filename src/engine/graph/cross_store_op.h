#pragma once

#include <memory>

#include <openvino/op/op.hpp>

#include "engine/graph/caches.h"

namespace katip::engine {

/// Where the encoder's graph writes to: set before each run.
struct CrossTarget {
  CrossCache* cache = nullptr;
};

/// Packs the keys and values of one decoder layer into the target's cache: [1, frames, 2 D] -> [1],
/// which says nothing.
class CrossStoreOp : public ov::op::Op {
 public:
  OPENVINO_OP("CrossStore", "katip")
  CrossStoreOp() = default;
  CrossStoreOp(const ov::Output<ov::Node>& key_value, std::size_t layer,
               std::shared_ptr<CrossTarget> target);

  void validate_and_infer_types() override;
  std::shared_ptr<ov::Node> clone_with_new_inputs(const ov::OutputVector& inputs) const override;
  bool has_evaluate() const override { return true; }
  bool evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const override;

 private:
  std::size_t layer_ = 0;
  std::shared_ptr<CrossTarget> target_;
};

}  // namespace katip::engine
