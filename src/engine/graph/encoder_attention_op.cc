#include "engine/graph/encoder_attention_op.h"

#include <algorithm>
#include <memory>

#include <tbb/parallel_for.h>

#include "engine/graph/caches.h"

namespace katip::engine {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kQueriesPerTask = 96;  // a multiple of every kernel's tile

std::size_t round_up(std::size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

// Scratch of a thread, kept between calls: a window needs the same again and again.
std::byte* thread_scratch(std::size_t size) {
  thread_local AlignedBytes bytes;
  thread_local std::size_t capacity = 0;
  if (capacity < size) {
    bytes = allocate_aligned(size);
    capacity = size;
  }
  return bytes.get();
}

}  // namespace

EncoderAttentionOp::EncoderAttentionOp(const ov::Output<ov::Node>& qkv,
                                       const EncoderAttentionKernel* kernel)
    : Op({qkv}), kernel_(kernel) {
  constructor_validate_and_infer_types();
}

void EncoderAttentionOp::validate_and_infer_types() {
  ov::PartialShape shape = get_input_partial_shape(0);
  shape[2] = shape[2].get_length() / 3;
  set_output_type(0, ov::element::f32, shape);
}

std::shared_ptr<ov::Node> EncoderAttentionOp::clone_with_new_inputs(
    const ov::OutputVector& inputs) const {
  return std::make_shared<EncoderAttentionOp>(inputs.at(0), kernel_);
}

bool EncoderAttentionOp::evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const {
  const ov::Shape shape = inputs[0].get_shape();
  const std::size_t frame_count = shape[1];
  const std::size_t state_size = shape[2] / 3;
  const std::size_t head_count = state_size / kHeadSize;
  outputs[0].set_shape({1, frame_count, state_size});
  const float* qkv = inputs[0].data<const float>();
  float* output = outputs[0].data<float>();

  const std::size_t packed_size = round_up(kernel_->packed_size(frame_count));
  thread_local AlignedBytes packed_heads;
  thread_local std::size_t packed_capacity = 0;
  if (packed_capacity < packed_size * head_count) {
    packed_capacity = packed_size * head_count;
    packed_heads = allocate_aligned(packed_capacity);
  }
  std::byte* const packed = packed_heads.get();
  tbb::parallel_for(std::size_t{0}, head_count, [&](std::size_t head) {
    kernel_->pack({frame_count, state_size, head}, qkv, packed + head * packed_size);
  });
  const std::size_t tasks_per_head = (frame_count + kQueriesPerTask - 1) / kQueriesPerTask;
  tbb::parallel_for(std::size_t{0}, head_count * tasks_per_head, [&](std::size_t task) {
    const std::size_t head = task / tasks_per_head;
    const std::size_t begin = task % tasks_per_head * kQueriesPerTask;
    const std::size_t end = std::min(begin + kQueriesPerTask, frame_count);
    kernel_->attend({frame_count, state_size, head}, qkv, packed + head * packed_size, begin, end,
                    thread_scratch(kernel_->scratch_size(frame_count)), output);
  });
  return true;
}

}  // namespace katip::engine
