#include "engine/model/ctranslate2.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

// Tested by ctranslate2_test.cc and fuzz/fuzz_ctranslate2.cc.
namespace katip::engine {
namespace {

/// Whisper came with version 6; 4 and 5 have the same layout. Older files do not say their types.
constexpr std::uint32_t kVersionMin = 4;
constexpr std::uint32_t kVersionMax = 6;
constexpr std::uint32_t kRevisionMax = 3;
constexpr std::size_t kRankMax = 8;
/// A large model has 1,300; the limit keeps a lying count from looping for long.
constexpr std::uint32_t kRecordCountMax = 100'000;

struct TypeSize {
  ElementType type;
  std::size_t size;
};
/// By the number in the file.
constexpr TypeSize kTypes[] = {
    {ElementType::kFloat32, 4}, {ElementType::kInt8, 1},    {ElementType::kInt16, 2},
    {ElementType::kInt32, 4},   {ElementType::kFloat16, 2}, {ElementType::kBfloat16, 2},
};

/// Takes values off the front of the file; running out of bytes is an error, never a read.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> rest) : size_(rest.size()), rest_(rest) {}

  Result<std::span<const std::byte>> take(std::size_t size) {
    if (size > rest_.size()) {
      return fail(ErrorCode::kCorruptData,
                  "the file ends at byte " + std::to_string(size_) + ", inside what starts at " +
                      std::to_string(size_ - rest_.size()) + ": fetch it again");
    }
    const std::span<const std::byte> taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  /// A little-endian number of `size` bytes.
  Result<std::uint32_t> number(std::size_t size) {
    const std::span<const std::byte> bytes = KATIP_TRY(take(size));
    std::uint32_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
      value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
    }
    return value;
  }

  /// A counted string whose count includes a final zero byte.
  Result<std::string> string() {
    const std::uint32_t size = KATIP_TRY(number(2));
    const std::span<const std::byte> bytes = KATIP_TRY(take(size));
    if (size == 0 || bytes.back() != std::byte{0}) {
      return fail(ErrorCode::kCorruptData, "a name does not end with a zero byte");
    }
    return std::string(reinterpret_cast<const char*>(bytes.data()), size - 1);
  }

  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::size_t size_;
  std::span<const std::byte> rest_;
};

Status read_header(Reader& reader) {
  const std::uint32_t version = KATIP_TRY(reader.number(4));
  if (version < kVersionMin || version > kVersionMax) {
    return fail(ErrorCode::kInvalidArgument, "binary version " + std::to_string(version) +
                                                 " is not one of 4, 5 and 6: not a "
                                                 "CTranslate2 model, or one to be converted again");
  }
  const std::string kind = KATIP_TRY(reader.string());
  if (kind != "WhisperSpec") {
    return fail(ErrorCode::kInvalidArgument, "this is a CTranslate2 model of the kind '" +
                                                 kind.substr(0, 100) + "', not a Whisper model");
  }
  const std::uint32_t revision = KATIP_TRY(reader.number(4));
  if (revision > kRevisionMax) {
    return fail(ErrorCode::kInvalidArgument, "revision " + std::to_string(revision) +
                                                 " of the Whisper layout is not known here");
  }
  return {};
}

Result<TensorView> read_variable(Reader& reader) {
  TensorView view;
  const std::uint32_t rank = KATIP_TRY(reader.number(1));
  if (rank > kRankMax) {
    return fail(ErrorCode::kCorruptData, "it has " + std::to_string(rank) + " dimensions");
  }
  for (std::uint32_t i = 0; i < rank; ++i) view.shape.push_back(KATIP_TRY(reader.number(4)));
  const std::uint32_t type = KATIP_TRY(reader.number(1));
  if (type >= std::size(kTypes)) {
    return fail(ErrorCode::kCorruptData, "it has the unknown type " + std::to_string(type));
  }
  view.type = kTypes[type].type;
  const std::uint32_t size = KATIP_TRY(reader.number(4));
  const auto count = element_count(view.shape);
  if (!count || size % kTypes[type].size != 0 || *count != size / kTypes[type].size) {
    return fail(ErrorCode::kCorruptData, "its shape " + shape_text(view.shape) +
                                             " does not fit its " + std::to_string(size) +
                                             " bytes");
  }
  view.bytes = KATIP_TRY(reader.take(size));
  return view;
}

Result<std::uint32_t> read_record_count(Reader& reader) {
  const std::uint32_t count = KATIP_TRY(reader.number(4));
  if (count <= kRecordCountMax) return count;
  return fail(ErrorCode::kCorruptData, "it claims " + std::to_string(count) + " records");
}

Status read_aliases(Reader& reader, TensorTable& tensors) {
  const std::uint32_t count = KATIP_TRY(read_record_count(reader));
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string alias = KATIP_TRY(reader.string());
    const std::string target = KATIP_TRY(reader.string());
    const auto found = tensors.find(target);
    if (found == tensors.end()) {
      return fail(ErrorCode::kCorruptData,
                  "'" + alias.substr(0, 200) + "' is an alias of a variable that is missing");
    }
    const TensorView view = found->second;
    const auto scale = tensors.find(target + "_scale");
    // A quantized variable takes its scale along.
    if (scale != tensors.end()) {
      const TensorView scale_view = scale->second;
      tensors.emplace(alias + "_scale", scale_view);
    }
    tensors.emplace(alias, view);
  }
  return {};
}

}  // namespace

Result<TensorTable> parse_ctranslate2(std::span<const std::byte> file) {
  Reader reader(file);
  if (auto status = read_header(reader); !status) return std::unexpected(status.error());
  const std::uint32_t count = KATIP_TRY(read_record_count(reader));
  TensorTable tensors;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string name = KATIP_TRY(reader.string());
    auto view = read_variable(reader);
    if (!view) return fail("variable '" + name.substr(0, 200) + "'", view.error());
    if (!tensors.emplace(std::move(name), std::move(*view)).second) {
      return fail(ErrorCode::kCorruptData, "a variable is there twice");
    }
  }
  if (auto status = read_aliases(reader, tensors); !status) return std::unexpected(status.error());
  if (reader.left() == 0) return tensors;
  return fail(ErrorCode::kCorruptData,
              std::to_string(reader.left()) + " bytes after the last record");
}

}  // namespace katip::engine
