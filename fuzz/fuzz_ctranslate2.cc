#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/ctranslate2.h"
#include "engine/model/mapped_weights.h"
#include "engine/model/read_config.h"

using namespace katip::engine;

namespace {

/// A file good enough to be a model: every tensor of it is read.
void load_all(const ModelConfig& config, const TensorTable& tensors) {
  const auto weights = make_weights(config, {{}, tensors}, ctranslate2_sources);
  if (!weights) return;
  for (const WeightShape& weight : weight_shapes(config)) {
    static_cast<void>((*weights)->load(weight.name));
  }
}

}  // namespace

/// The bytes as model.bin.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tensors = parse_ctranslate2(std::as_bytes(std::span(data, size)));
  if (!tensors) return 0;
  for (const auto& [name, tensor] : *tensors) {
    const auto scale = tensors->find(name + "_scale");
    // Cannot be larger than the input: the parser checked the shape against it.
    std::vector<float> out(element_count(tensor.shape).value());
    static_cast<void>(read_floats(tensor, scale == tensors->end() ? nullptr : &scale->second, out));
  }
  const auto config = read_ctranslate2_config("{}", *tensors);
  if (config && validate_config(*config)) load_all(*config, *tensors);
  return 0;
}
