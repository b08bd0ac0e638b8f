#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

/// What the weight file parsers give: names, shapes and the bytes of each tensor, not yet
/// converted.
namespace katip::engine {

enum class ElementType : std::uint8_t {
  kFloat32,
  kFloat16,
  kBfloat16,
  kInt8,
  kInt16,
  kInt32,
  kOther,  ///< Legal in the file, of no use to Whisper.
};

/// Lifetime: bytes point into the file's bytes.
struct TensorView {
  ElementType type = ElementType::kOther;
  std::vector<std::size_t> shape;    ///< Row-major; empty for a scalar.
  std::span<const std::byte> bytes;  ///< Little-endian, of no particular alignment.
};

using TensorTable = std::map<std::string, TensorView, std::less<>>;

/// The product of the dimensions; nothing when it does not fit.
std::optional<std::size_t> element_count(std::span<const std::size_t> shape);

/// "[512, 80, 3]", for messages.
std::string shape_text(std::span<const std::size_t> shape);

/// Fills `out` with the elements as floats. `scale` belongs to integer tensors (one number per row,
/// or one for all) and says what to divide them by.
///
/// Errors: kCorruptData for a type without a reading as floats, a count that is not out.size(), a
/// scale that is missing or of another shape, and numbers that are not finite.
Status read_floats(const TensorView& tensor, const TensorView* scale, std::span<float> out);

}  // namespace katip::engine
