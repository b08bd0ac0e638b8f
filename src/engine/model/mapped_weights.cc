#include "engine/model/mapped_weights.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

// Tested by model_files_test.cc.
namespace katip::engine {
namespace {

/// Some rows of a canonical tensor. Without a tensor they are zeros.
struct Part {
  const TensorView* tensor = nullptr;
  const TensorView* scale = nullptr;
  std::size_t size = 0;
};

struct Assembly {
  std::vector<std::size_t> shape;
  std::size_t size = 0;
  std::vector<Part> parts;
};

const TensorView* find_tensor(const TensorTable& tensors, const std::string& name) {
  // Files saved from the bare WhisperModel have no "model." in front; CTranslate2 never has.
  for (const std::string_view prefix : {"", "model."}) {
    const auto found = tensors.find(std::string(prefix) + name);
    if (found != tensors.end()) return &found->second;
  }
  return nullptr;
}

bool is_readable(ElementType type, bool has_scale) {
  switch (type) {
    case ElementType::kFloat32:
    case ElementType::kFloat16:
    case ElementType::kBfloat16:
      return true;
    case ElementType::kInt8:
    case ElementType::kInt16:
      return has_scale;
    default:
      return false;
  }
}

Result<Part> find_part(const TensorTable& tensors, const WeightSource& source,
                       const std::vector<std::size_t>& shape) {
  const auto corrupt = [&](const std::string& fault) {
    return fail(ErrorCode::kCorruptData, "tensor '" + source.name + "' " + fault);
  };
  Part part{find_tensor(tensors, source.name), find_tensor(tensors, source.name + "_scale"), 0};
  const auto size = element_count(shape);
  if (!size) return corrupt("would be too large");
  part.size = *size;
  if (part.tensor == nullptr) {
    if (source.optional) return part;
    return corrupt("is missing: the file is not a whole Whisper model");
  }
  if (part.tensor->shape != shape) {
    return corrupt("has the shape " + shape_text(part.tensor->shape) + ", the configuration says " +
                   shape_text(shape));
  }
  if (!is_readable(part.tensor->type, part.scale != nullptr)) {
    return corrupt(
        "has a type that cannot be read: convert the model to float32, float16, "
        "bfloat16 or int8");
  }
  return part;
}

Result<Assembly> assemble(const TensorTable& tensors, const WeightShape& weight,
                          const std::vector<WeightSource>& sources) {
  Assembly assembly{weight.shape, 0, {}};
  std::vector<std::size_t> part_shape = weight.shape;
  part_shape.front() /= sources.size();
  for (const WeightSource& source : sources) {
    assembly.parts.push_back(KATIP_TRY(find_part(tensors, source, part_shape)));
    assembly.size += assembly.parts.back().size;
  }
  return assembly;
}

class MappedWeights final : public Weights {
 public:
  explicit MappedWeights(WeightFiles files) : files_(std::move(files)) {}

  Status add(const WeightShape& weight, const WeightNaming& naming) {
    auto assembly = assemble(files_.tensors, weight, naming(weight.name));
    if (!assembly) return std::unexpected(assembly.error());
    assemblies_.emplace(weight.name, std::move(*assembly));
    return {};
  }

  [[nodiscard]] Result<FloatTensor> load(std::string_view name) const override {
    const auto found = assemblies_.find(name);
    if (found == assemblies_.end()) {
      return fail(ErrorCode::kCorruptData, "the model has no tensor " + std::string(name));
    }
    const Assembly& assembly = found->second;
    FloatTensor result{assembly.shape, std::vector<float>(assembly.size)};
    std::span<float> rest(result.data);
    for (const Part& part : assembly.parts) {
      const std::span<float> out = rest.first(part.size);
      rest = rest.subspan(part.size);
      if (part.tensor == nullptr) continue;  // stays zeros
      if (auto status = read_floats(*part.tensor, part.scale, out); !status) {
        return fail("tensor " + std::string(name), status.error());
      }
      release(part.tensor->bytes);
    }
    return result;
  }

 private:
  /// A tensor is read once, when the graph is built: its pages need not stay.
  void release(std::span<const std::byte> bytes) const {
    for (const MappedFile& file : files_.files) {
      const std::span<const std::byte> all = file.bytes();
      if (std::less_equal{}(all.data(), bytes.data()) &&
          std::less_equal{}(bytes.data() + bytes.size(), all.data() + all.size())) {
        file.release(bytes);
      }
    }
  }

  WeightFiles files_;
  std::map<std::string, Assembly, std::less<>> assemblies_;
};

}  // namespace

Result<std::unique_ptr<const Weights>> make_weights(const ModelConfig& config, WeightFiles files,
                                                    const WeightNaming& naming) {
  // The parts point into the table, so the table moves into its final place first.
  auto weights = std::make_unique<MappedWeights>(std::move(files));
  for (const WeightShape& weight : weight_shapes(config)) {
    if (auto status = weights->add(weight, naming); !status) return std::unexpected(status.error());
  }
  return std::unique_ptr<const Weights>(std::move(weights));
}

}  // namespace katip::engine
