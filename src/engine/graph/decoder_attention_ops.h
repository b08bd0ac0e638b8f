#pragma once

#include <memory>
#include <span>

#include <openvino/op/op.hpp>

#include "engine/graph/decoder.h"

namespace katip::engine {

/// What the decoder's operations look at besides their tensors: set before each step.
struct DecoderContext {
  std::span<const DecoderRow> rows;
  const ModelConfig* config = nullptr;
  const SelfAttentionKernel* kernel = nullptr;
};

/// qkv [n, 3 D] -> [n, D]: stores keys and values in the rows' places, then looks at each row's
/// past.
class SelfAttentionOp : public ov::op::Op {
 public:
  OPENVINO_OP("SelfAttention", "katip")
  SelfAttentionOp() = default;
  SelfAttentionOp(const ov::Output<ov::Node>& qkv, std::size_t layer,
                  std::shared_ptr<const DecoderContext> context);

  void validate_and_infer_types() override;
  std::shared_ptr<ov::Node> clone_with_new_inputs(const ov::OutputVector& inputs) const override;
  bool has_evaluate() const override { return true; }
  bool evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const override;

 private:
  std::size_t layer_ = 0;
  std::shared_ptr<const DecoderContext> context_;
};

/// queries [n, D] -> [n, D]: looks at the encoded window of each row; rows of one window side by
/// side share a pass.
class CrossAttentionOp : public ov::op::Op {
 public:
  OPENVINO_OP("CrossAttention", "katip")
  CrossAttentionOp() = default;
  CrossAttentionOp(const ov::Output<ov::Node>& query, std::size_t layer,
                   std::shared_ptr<const DecoderContext> context);

  void validate_and_infer_types() override;
  std::shared_ptr<ov::Node> clone_with_new_inputs(const ov::OutputVector& inputs) const override;
  bool has_evaluate() const override { return true; }
  bool evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const override;

 private:
  std::size_t layer_ = 0;
  std::shared_ptr<const DecoderContext> context_;
};

}  // namespace katip::engine
