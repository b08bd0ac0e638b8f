#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/model/mapped_weights.h"
#include "engine/model/read_config.h"
#include "engine/model/safetensors.h"

using namespace katip::engine;

/// The bytes as a weight file, whose tensors are then read, and as the two JSON files beside it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  if (const auto tensors = parse_safetensors(bytes)) {
    for (const auto& [name, tensor] : *tensors) {
      // Cannot be larger than the input: the parser checked the shape against it.
      std::vector<float> out(element_count(tensor.shape).value());
      static_cast<void>(read_floats(tensor, nullptr, out));
    }
    ModelConfig config;
    config.state_size = 64;
    static_cast<void>(make_weights(config, {{}, *tensors}, huggingface_sources));
  }
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_safetensors_index(text));
  if (const auto config = read_huggingface_config(text, text)) {
    static_cast<void>(validate_config(*config));
  }
  return 0;
}
