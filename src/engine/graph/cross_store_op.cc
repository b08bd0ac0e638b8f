#include "engine/graph/cross_store_op.h"

#include <tbb/parallel_for.h>

namespace katip::engine {

CrossStoreOp::CrossStoreOp(const ov::Output<ov::Node>& key_value, std::size_t layer,
                           std::shared_ptr<CrossTarget> target)
    : Op({key_value}), layer_(layer), target_(std::move(target)) {
  constructor_validate_and_infer_types();
}

void CrossStoreOp::validate_and_infer_types() {
  set_output_type(0, ov::element::f32, ov::PartialShape{1});
}

std::shared_ptr<ov::Node> CrossStoreOp::clone_with_new_inputs(
    const ov::OutputVector& inputs) const {
  return std::make_shared<CrossStoreOp>(inputs.at(0), layer_, target_);
}

bool CrossStoreOp::evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const {
  const ov::Shape shape = inputs[0].get_shape();
  const std::size_t state_size = shape[2] / 2;
  const float* key_value = inputs[0].data<const float>();
  CrossCache& cache = *target_->cache;
  tbb::parallel_for(std::size_t{0}, state_size / kHeadSize, [&](std::size_t head) {
    cache.kernel().pack(key_value, shape[1], state_size, head, cache.head(layer_, head));
  });
  outputs[0].set_shape({1});
  outputs[0].data<float>()[0] = 0.0f;
  return true;
}

}  // namespace katip::engine
