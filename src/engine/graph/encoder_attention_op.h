#pragma once

#include <openvino/op/op.hpp>

#include "engine/kernels/encoder_attention.h"

namespace katip::engine {

/// Self-attention of the encoder over one window: qkv [1, frames, 3 D] -> [1, frames, D].
///
/// Runs the kernel given, spread over OpenVINO's threads by head and by range of queries.
class EncoderAttentionOp : public ov::op::Op {
 public:
  OPENVINO_OP("EncoderAttention", "katip")
  EncoderAttentionOp() = default;
  EncoderAttentionOp(const ov::Output<ov::Node>& qkv, const EncoderAttentionKernel* kernel);

  void validate_and_infer_types() override;
  std::shared_ptr<ov::Node> clone_with_new_inputs(const ov::OutputVector& inputs) const override;
  bool has_evaluate() const override { return true; }
  bool evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const override;

 private:
  const EncoderAttentionKernel* kernel_ = nullptr;
};

}  // namespace katip::engine
