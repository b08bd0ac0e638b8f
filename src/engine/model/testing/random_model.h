#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/model/config.h"
#include "engine/model/tensor_table.h"
#include "engine/model/weight_names.h"

/// For tests: Whisper models of any shape with random weights that are the same everywhere. Each
/// weight is k * 2^-shift with a whole k of 9 bits, so every type of file holds the same numbers
/// exactly; tests/golden/logits/random_model.py makes them too, and reference.py computes with
/// them.
namespace katip::engine::test_model {

/// 256 bytes and the merges of random_model_files.h.
inline constexpr int kRandomTextCount = 264;

struct RandomModel {
  int mel_count = 80;
  int audio_layer_count = 2;
  int text_layer_count = 2;
  int state_size = 128;
  int language_count = 99;  ///< 0: English only. 100: the vocabulary of large-v3.
  std::uint64_t seed = 1;

  /// The suppressed tokens and alignment heads stay empty: files without them.
  [[nodiscard]] ModelConfig config() const {
    ModelConfig config;
    config.mel_count = mel_count;
    config.audio_layer_count = audio_layer_count;
    config.text_layer_count = text_layer_count;
    config.state_size = state_size;
    config.audio_head_count = state_size / 64;
    config.text_head_count = state_size / 64;
    config.vocabulary_size = kRandomTextCount + language_count + 8 + 1501;
    config.multilingual = language_count > 0;
    return config;
  }
};

/// Whole numbers from -127 to 127: SplitMix64 started at the FNV-1a hash of "seed/name".
inline std::vector<int> random_integers(std::uint64_t seed, std::string_view name,
                                        std::size_t count) {
  std::uint64_t state = 0xcbf29ce484222325;
  for (const char byte : std::to_string(seed) + "/" + std::string(name)) {
    state = (state ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3;
  }
  std::vector<int> numbers(count);
  for (int& number : numbers) {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    number = static_cast<int>((z >> 32) % 255) - 127;
  }
  return numbers;
}

/// The power of two that the whole numbers of a tensor are divided by; its standard deviation is
/// then at most fan_in ** -0.5.
inline int random_shift(std::string_view name, const std::vector<std::size_t>& shape) {
  const std::map<std::string_view, int> shifts = {
      {"embeddings", 8}, {"positions", 9}, {"bias", 10}, {"beta", 10}, {"mel", 7}};
  const auto found = shifts.find(name.substr(name.rfind('/') + 1));
  if (found != shifts.end()) return found->second;
  std::uint64_t fan_in = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) fan_in *= shape[i];
  int shift = 0;
  while ((std::uint64_t{1} << 2 * shift) < 5329 * fan_in) ++shift;
  return shift;
}

/// A canonical tensor (weights.h), or input: "encoder/mel" [mel_count, 3000].
inline std::vector<float> random_tensor(std::uint64_t seed, std::string_view name,
                                        const std::vector<std::size_t>& shape) {
  constexpr float kQueryScale = 4.0f;  // makes attention look at few places
  const std::size_t size = element_count(shape).value();
  const std::size_t row_size = size / shape.front();
  const std::vector<int> numbers = random_integers(seed, name, size);
  std::vector<float> tensor(size);
  const bool is_gamma = name.ends_with("/gamma");
  const int shift = random_shift(name, shape);
  for (std::size_t i = 0; i < size; ++i) {
    const int quarter = numbers[i] / 4;  // the 1 before it takes a bit of bfloat16
    tensor[i] = is_gamma ? 1.0f + static_cast<float>(quarter) / 128.0f
                         : std::ldexp(static_cast<float>(numbers[i]), -shift);
  }
  const auto scale_rows = [&](std::size_t begin, std::size_t end, float factor) {
    for (std::size_t i = begin * row_size; i < end * row_size; ++i) tensor[i] *= factor;
  };
  const std::size_t rows = shape.front();
  if (name.ends_with("/qkv/weight")) scale_rows(0, rows / 3, kQueryScale);
  if (name.ends_with("/query/weight")) scale_rows(0, rows, kQueryScale);
  if (name.ends_with("/qkv/bias")) scale_rows(rows / 3, 2 * rows / 3, 0.0f);  // keys have none
  if (name.ends_with("/key_value/bias")) scale_rows(0, rows / 2, 0.0f);
  return tensor;
}

/// A tensor as it lies in a file.
struct StoredTensor {
  std::string name;
  ElementType type = ElementType::kFloat32;
  std::vector<std::size_t> shape;
  std::string bytes;
};

template <typename Raw>
void append_raw(std::string& bytes, Raw value) {
  char raw[sizeof(Raw)];
  std::memcpy(raw, &value, sizeof(Raw));
  bytes.append(raw, sizeof(Raw));
}

/// Exact for the numbers of random_tensor(), which are normal halves or zero.
inline std::uint16_t to_float16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  if (value == 0.0f) return sign;
  const std::uint32_t magnitude = (bits & 0x7fffffff) - ((127u - 15u) << 23);
  return static_cast<std::uint16_t>(sign | magnitude >> 13);
}

/// `scale`: what integers are multiplied by before they are stored.
inline std::string store(const std::vector<float>& values, ElementType type, float scale) {
  std::string bytes;
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    switch (type) {
      case ElementType::kFloat16:
        append_raw(bytes, to_float16(value));
        break;
      case ElementType::kBfloat16:
        append_raw(bytes, static_cast<std::uint16_t>(bits >> 16));
        break;
      case ElementType::kInt8:
        append_raw(bytes, static_cast<std::int8_t>(value * scale));
        break;
      case ElementType::kInt16:
        append_raw(bytes, static_cast<std::int16_t>(value * scale));
        break;
      default:
        append_raw(bytes, value);
    }
  }
  return bytes;
}

/// The tensors under Hugging Face names. `type` is a float type.
inline std::vector<StoredTensor> huggingface_tensors(const RandomModel& model, ElementType type,
                                                     std::string_view prefix = "model.") {
  std::vector<StoredTensor> tensors;
  for (const WeightShape& weight : weight_shapes(model.config())) {
    const std::vector<float> values = random_tensor(model.seed, weight.name, weight.shape);
    const std::vector<WeightSource> sources = huggingface_sources(weight.name);
    std::vector<std::size_t> shape = weight.shape;
    shape.front() /= sources.size();
    const auto size = static_cast<std::ptrdiff_t>(values.size() / sources.size());
    auto begin = values.begin();
    for (const WeightSource& source : sources) {
      const std::vector<float> part(begin, begin + size);
      begin += size;
      if (source.optional) continue;
      tensors.push_back({std::string(prefix) + source.name, type, shape, store(part, type, 1.0f)});
    }
  }
  return tensors;
}

/// The variables under CTranslate2 names, in the order of the names. Integer types apply to
/// matrices, which then have a scale beside them.
inline std::vector<StoredTensor> ctranslate2_tensors(const RandomModel& model, ElementType type) {
  std::map<std::string, StoredTensor> tensors;
  const auto add = [&](StoredTensor tensor) { tensors.emplace(tensor.name, tensor); };
  const bool is_integer = type == ElementType::kInt8 || type == ElementType::kInt16;
  for (const WeightShape& weight : weight_shapes(model.config())) {
    const std::string name = ctranslate2_sources(weight.name).front().name;
    const std::vector<float> values = random_tensor(model.seed, weight.name, weight.shape);
    const bool is_matrix = name.ends_with("/weight");
    if (!is_integer || !is_matrix) {
      const ElementType stored = is_integer ? ElementType::kFloat32 : type;
      add({name, stored, weight.shape, store(values, stored, 1.0f)});
      continue;
    }
    const float scale = std::ldexp(1.0f, random_shift(weight.name, weight.shape));
    if (type == ElementType::kInt16) {
      add({name, type, weight.shape, store(values, type, scale)});
      add({name + "_scale", ElementType::kFloat32, {}, store({scale}, ElementType::kFloat32, 1)});
      continue;
    }
    // Rows whose queries are larger need another scale, as rows of a real file do.
    const std::size_t row_size = values.size() / weight.shape.front();
    std::string bytes;
    std::vector<float> scales;
    for (auto row = values.begin(); row != values.end();) {
      const std::vector<float> part(row, row + static_cast<std::ptrdiff_t>(row_size));
      row += static_cast<std::ptrdiff_t>(row_size);
      float peak = 0.0f;
      for (const float value : part) peak = std::max(peak, std::fabs(value));
      scales.push_back(peak * scale > 127.0f ? scale / 4.0f : scale);
      bytes += store(part, type, scales.back());
    }
    add({name, type, weight.shape, bytes});
    add({name + "_scale",
         ElementType::kFloat32,
         {scales.size()},
         store(scales, ElementType::kFloat32, 1.0f)});
  }
  const auto heads = static_cast<std::int16_t>(model.state_size / 64);
  for (const char* half : {"encoder", "decoder"}) {
    std::string bytes;
    append_raw(bytes, heads);
    add({std::string(half) + "/num_heads", ElementType::kInt16, {}, bytes});
  }
  std::vector<StoredTensor> list;
  for (auto& [name, tensor] : tensors) list.push_back(std::move(tensor));
  return list;
}

}  // namespace katip::engine::test_model
