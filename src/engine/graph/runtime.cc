#include "engine/graph/runtime.h"

#include <openvino/runtime/properties.hpp>

namespace katip::engine {

Result<ov::CompiledModel> Runtime::compile(const std::shared_ptr<ov::Model>& model,
                                           Precision precision, int state_size) {
  ov::AnyMap settings = {{ov::hint::performance_mode.name(), ov::hint::PerformanceMode::LATENCY},
                         {ov::num_streams.name(), 1}};
  if (thread_count_ > 0) settings.emplace(ov::inference_num_threads(thread_count_));
  if (precision == Precision::kInt8) {
    settings.emplace(ov::hint::inference_precision(ov::element::bf16));
    // Activations are quantised in groups of a whole row of the model's width: a row then comes out
    // the same to the last bit whatever its batch is (model_logits_test.cc).
    settings.emplace(
        ov::hint::dynamic_quantization_group_size(static_cast<std::uint64_t>(state_size)));
  } else {
    settings.emplace(ov::hint::inference_precision(ov::element::f32));
    settings.emplace(ov::hint::dynamic_quantization_group_size(0));
  }
  try {
    return core_.compile_model(model, "CPU", settings);
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInternal,
                std::string("OpenVINO cannot compile the model: ") + error.what());
  }
}

}  // namespace katip::engine
