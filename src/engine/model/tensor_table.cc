#include "engine/model/tensor_table.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

// Conversions are plain loops over unaligned bytes that the compiler turns into vector code: a
// branch inside would prevent that, so whether all numbers are finite is gathered in one flag.
// Tested by tensor_table_test.cc.
namespace katip::engine {
namespace {

constexpr std::uint32_t kExponentMask = 0x7f800000;

float from_float32(std::uint32_t bits) { return std::bit_cast<float>(bits); }

float from_bfloat16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// Subnormal halves are normal floats: they are built next to 2^-14 and have it taken away, so that
/// a thread that flushes subnormals to zero gets the same numbers.
float from_float16(std::uint16_t bits) {
  constexpr std::uint32_t kHalfExponent = 0x0f800000;
  constexpr std::uint32_t kRebias = (127u - 15u) << 23;
  constexpr float kSmallestNormal = 0x1p-14f;
  const std::uint32_t magnitude = (bits & 0x7fffu) << 13;
  const std::uint32_t exponent = magnitude & kHalfExponent;
  const std::uint32_t not_finite = exponent == kHalfExponent ? kRebias : 0u;
  const std::uint32_t normal = magnitude + kRebias + not_finite;
  const float subnormal = std::bit_cast<float>(magnitude + kRebias + (1u << 23)) - kSmallestNormal;
  const std::uint32_t value = exponent == 0 ? std::bit_cast<std::uint32_t>(subnormal) : normal;
  return std::bit_cast<float>(value | (static_cast<std::uint32_t>(bits & 0x8000u) << 16));
}

template <typename Raw>
Raw raw_at(const std::byte* bytes, std::size_t index) {
  Raw raw;
  std::memcpy(&raw, bytes + index * sizeof(Raw), sizeof(Raw));
  return raw;
}

/// Returns whether every number is finite.
template <typename Raw, float (*Convert)(Raw)>
bool convert_floats(const std::byte* bytes, std::span<float> out) {
  std::uint32_t not_finite = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float value = Convert(raw_at<Raw>(bytes, i));
    const std::uint32_t exponent = std::bit_cast<std::uint32_t>(value) & kExponentMask;
    not_finite |= exponent == kExponentMask ? 1u : 0u;
    out[i] = value;
  }
  return not_finite == 0;
}

template <typename Raw>
void convert_integers(const std::byte* bytes, std::span<const float> scales, std::span<float> out) {
  const std::size_t column_count = out.size() / scales.size();
  for (std::size_t row = 0; row < scales.size(); ++row) {
    for (std::size_t i = row * column_count; i < (row + 1) * column_count; ++i) {
      out[i] = static_cast<float>(raw_at<Raw>(bytes, i)) / scales[row];
    }
  }
}

Status read_quantized(const TensorView& tensor, const TensorView* scale, std::span<float> out) {
  if (scale == nullptr) {
    return fail(ErrorCode::kCorruptData, "integers without a scale cannot be read");
  }
  const auto scale_count = element_count(scale->shape);
  const std::size_t row_count = tensor.shape.empty() ? 1 : tensor.shape.front();
  if (!scale_count || *scale_count == 0 || (*scale_count != 1 && *scale_count != row_count)) {
    return fail(ErrorCode::kCorruptData, "its scale has the shape " + shape_text(scale->shape));
  }
  if (scale->type == ElementType::kInt8 || scale->type == ElementType::kInt16) {
    return fail(ErrorCode::kCorruptData, "its scale has a type that is not a float");
  }
  std::vector<float> scales(*scale_count);
  if (auto status = read_floats(*scale, nullptr, scales); !status)
    return fail("scale", status.error());
  for (const float divisor : scales) {
    // 1 / divisor must be a float too, or the weights would be infinite.
    if (!(divisor > 0.0f) || !std::isfinite(32768.0f / divisor)) {
      return fail(ErrorCode::kCorruptData, "its scale is not a positive number");
    }
  }
  if (tensor.type == ElementType::kInt8) {
    convert_integers<std::int8_t>(tensor.bytes.data(), scales, out);
  } else {
    convert_integers<std::int16_t>(tensor.bytes.data(), scales, out);
  }
  return {};
}

std::size_t float_size(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
      return 4;
    case ElementType::kFloat16:
    case ElementType::kBfloat16:
    case ElementType::kInt16:
      return 2;
    case ElementType::kInt8:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

std::optional<std::size_t> element_count(std::span<const std::size_t> shape) {
  std::size_t count = 1;
  for (const std::size_t dimension : shape) {
    if (dimension != 0 && count > std::numeric_limits<std::size_t>::max() / dimension) {
      return std::nullopt;
    }
    count *= dimension;
  }
  return count;
}

std::string shape_text(std::span<const std::size_t> shape) {
  std::string text = "[";
  for (const std::size_t dimension : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(dimension);
  }
  return text + "]";
}

Status read_floats(const TensorView& tensor, const TensorView* scale, std::span<float> out) {
  const std::size_t size = float_size(tensor.type);
  if (size == 0) return fail(ErrorCode::kCorruptData, "its type cannot be read as floats");
  if (tensor.bytes.size() / size != out.size() || tensor.bytes.size() % size != 0) {
    return fail(ErrorCode::kCorruptData, "it holds " + std::to_string(tensor.bytes.size()) +
                                             " bytes, not " + std::to_string(out.size()) +
                                             " elements");
  }
  if (out.empty()) return {};
  bool finite = true;
  switch (tensor.type) {
    case ElementType::kFloat32:
      finite = convert_floats<std::uint32_t, from_float32>(tensor.bytes.data(), out);
      break;
    case ElementType::kFloat16:
      finite = convert_floats<std::uint16_t, from_float16>(tensor.bytes.data(), out);
      break;
    case ElementType::kBfloat16:
      finite = convert_floats<std::uint16_t, from_bfloat16>(tensor.bytes.data(), out);
      break;
    default:
      return read_quantized(tensor, scale, out);
  }
  if (finite) return {};
  return fail(ErrorCode::kCorruptData, "it holds numbers that are not finite (NaN or infinity)");
}

}  // namespace katip::engine
