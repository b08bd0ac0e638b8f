#include "engine/graph/runtime.h"

#include <openvino/runtime/properties.hpp>

namespace katip::engine {
namespace {

// Activations are quantised in groups of this many columns: a whole row of a small model. Rows of a
// batch then come out the same to the last bit whatever the batch is
// (tests/integration/determinism_test.cc).
constexpr std::uint64_t kQuantizationGroup = 512;

}  // namespace

Result<ov::CompiledModel> Runtime::compile(const std::shared_ptr<ov::Model>& model,
                                           Precision precision) {
  ov::AnyMap settings = {{ov::hint::performance_mode.name(), ov::hint::PerformanceMode::LATENCY},
                         {ov::num_streams.name(), 1}};
  if (thread_count_ > 0) settings.emplace(ov::inference_num_threads(thread_count_));
  if (precision == Precision::kInt8) {
    settings.emplace(ov::hint::inference_precision(ov::element::bf16));
    settings.emplace(ov::hint::dynamic_quantization_group_size(kQuantizationGroup));
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
