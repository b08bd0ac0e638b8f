// How it works: a protobuf message is a run of fields, each a key (number and wire type) and a
// value; messages inside messages are plain bytes until somebody reads them. We read four kinds of
// message and pass over every field that we do not know. Tested by onnx_weights_test.cc.
#include "engine/voice/onnx_weights.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace katip::engine {
namespace {

using Bytes = std::span<const std::byte>;

// Field numbers of onnx.proto.
constexpr std::uint64_t kModelGraph = 7;
constexpr std::uint64_t kGraphNode = 1;
constexpr std::uint64_t kGraphInitializer = 5;
constexpr std::uint64_t kNodeInput = 1;
constexpr std::uint64_t kNodeOperation = 4;
constexpr std::uint64_t kTensorDimension = 1;
constexpr std::uint64_t kTensorType = 2;
constexpr std::uint64_t kTensorName = 8;
constexpr std::uint64_t kTensorBytes = 9;
constexpr std::uint64_t kTypeFloat = 1;  // of TensorProto.DataType

struct Field {
  std::uint64_t number = 0;
  std::uint64_t value = 0;  // of a varint
  Bytes bytes;              // of everything else
};

/// Reads one field after the other; once something is wrong, ok() is false and stays so.
class FieldReader {
 public:
  explicit FieldReader(Bytes message) : rest_(message) {}

  [[nodiscard]] bool ok() const { return ok_; }

  std::optional<Field> next() {
    if (rest_.empty() || !ok_) return std::nullopt;
    const std::uint64_t key = varint();
    Field field;
    field.number = key >> 3;
    switch (key & 7) {
      case 0:
        field.value = varint();
        break;
      case 1:
        field.bytes = take(8);
        break;
      case 2:
        field.bytes = take(varint());
        break;
      case 5:
        field.bytes = take(4);
        break;
      default:
        ok_ = false;
    }
    if (!ok_) return std::nullopt;
    return field;
  }

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }

  Bytes take(std::uint64_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const Bytes taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  Bytes rest_;
  bool ok_ = true;
};

std::string text(Bytes bytes) {
  std::string result;
  for (const std::byte byte : bytes) result.push_back(std::to_integer<char>(byte));
  return result;
}

std::unexpected<Error> broken(std::string_view what) {
  return fail(ErrorCode::kCorruptData, std::string(what) + " is no ONNX, or breaks off");
}

Result<OnnxNode> parse_node(Bytes message) {
  OnnxNode node;
  FieldReader fields(message);
  while (const auto field = fields.next()) {
    if (field->number == kNodeInput) node.inputs.push_back(text(field->bytes));
    if (field->number == kNodeOperation) node.operation = text(field->bytes);
  }
  if (!fields.ok()) return broken("an operation");
  return node;
}

Result<std::pair<std::string, TensorView>> parse_tensor(Bytes message) {
  std::string name;
  TensorView tensor;
  FieldReader fields(message);
  while (const auto field = fields.next()) {
    if (field->number == kTensorDimension) {
      if (!field->bytes.empty()) return broken("the shape of a tensor");
      tensor.shape.push_back(static_cast<std::size_t>(field->value));
    }
    if (field->number == kTensorType && field->value == kTypeFloat) {
      tensor.type = ElementType::kFloat32;
    }
    if (field->number == kTensorName) name = text(field->bytes);
    if (field->number == kTensorBytes) tensor.bytes = field->bytes;
  }
  if (!fields.ok()) return broken("a tensor");
  const auto count = element_count(tensor.shape);
  if (tensor.type == ElementType::kFloat32 &&
      (!count || *count != tensor.bytes.size() / sizeof(float) ||
       tensor.bytes.size() % sizeof(float) != 0)) {
    return fail(ErrorCode::kCorruptData,
                "tensor " + name + " does not have the bytes of its shape");
  }
  return std::pair{std::move(name), std::move(tensor)};
}

Status parse_graph(Bytes message, OnnxWeights& weights) {
  FieldReader fields(message);
  while (const auto field = fields.next()) {
    if (field->number == kGraphNode) weights.nodes.push_back(KATIP_TRY(parse_node(field->bytes)));
    if (field->number == kGraphInitializer) {
      weights.tensors.insert(KATIP_TRY(parse_tensor(field->bytes)));
    }
  }
  if (!fields.ok()) return broken("the graph");
  return {};
}

}  // namespace

Result<OnnxWeights> parse_onnx_weights(std::span<const std::byte> file) {
  OnnxWeights weights;
  FieldReader fields(file);
  while (const auto field = fields.next()) {
    if (field->number == kModelGraph) KATIP_TRY(parse_graph(field->bytes, weights));
  }
  if (!fields.ok() || weights.nodes.empty()) return broken("the file");
  return weights;
}

}  // namespace katip::engine
