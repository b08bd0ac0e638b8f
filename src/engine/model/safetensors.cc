#include "engine/model/safetensors.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "engine/model/json_text.h"

// Tested by safetensors_test.cc and fuzz/fuzz_safetensors.cc.
namespace katip::engine {
namespace json = boost::json;
namespace {

constexpr std::size_t kPrefixSize = 8;
/// The largest Whisper model needs 300 kB; the limit bounds the memory that parsing takes.
constexpr std::uint64_t kHeaderSizeMax = 16u << 20;
constexpr std::size_t kRankMax = 8;

struct TypeName {
  std::string_view name;
  ElementType type;
  std::size_t size;
};

constexpr TypeName kTypes[] = {
    {"F32", ElementType::kFloat32, 4},   {"F16", ElementType::kFloat16, 2},
    {"BF16", ElementType::kBfloat16, 2}, {"I8", ElementType::kOther, 1},
    {"U8", ElementType::kOther, 1},      {"BOOL", ElementType::kOther, 1},
    {"F8_E4M3", ElementType::kOther, 1}, {"F8_E5M2", ElementType::kOther, 1},
    {"I16", ElementType::kOther, 2},     {"U16", ElementType::kOther, 2},
    {"I32", ElementType::kOther, 4},     {"U32", ElementType::kOther, 4},
    {"I64", ElementType::kOther, 8},     {"U64", ElementType::kOther, 8},
    {"F64", ElementType::kOther, 8},
};

struct Entry {
  TensorView view;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

std::unexpected<Error> corrupt(std::string_view tensor, std::string_view fault) {
  return fail(ErrorCode::kCorruptData,
              "tensor '" + std::string(tensor.substr(0, 200)) + "' " + std::string(fault));
}

Result<std::vector<std::uint64_t>> unsigned_list(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  const json::array* const items = value == nullptr ? nullptr : value->if_array();
  std::vector<std::uint64_t> numbers;
  if (items != nullptr && items->size() <= kRankMax) {
    for (const json::value& item : *items) {
      json::error_code error;
      const auto number = item.to_number<std::uint64_t>(error);
      if (error) break;
      numbers.push_back(number);
    }
  }
  if (items != nullptr && numbers.size() == items->size()) return numbers;
  return fail(ErrorCode::kCorruptData, std::string(key) + " is not a short list of sizes");
}

Result<Entry> parse_entry(std::string_view name, const json::value& value,
                          std::span<const std::byte> data) {
  const json::object* const object = value.if_object();
  if (object == nullptr) return corrupt(name, "is not described by an object");
  const json::value* const type_value = object->if_contains("dtype");
  const json::string* const type_name = type_value == nullptr ? nullptr : type_value->if_string();
  if (type_name == nullptr) return corrupt(name, "has no dtype");
  const auto* const type = std::ranges::find(kTypes, std::string_view(*type_name), &TypeName::name);
  if (type == std::end(kTypes)) return corrupt(name, "has an unknown dtype");

  auto shape = unsigned_list(*object, "shape");
  auto offsets = unsigned_list(*object, "data_offsets");
  if (!shape) return corrupt(name, shape.error().message);
  if (!offsets) return corrupt(name, offsets.error().message);
  if (offsets->size() != 2) return corrupt(name, "needs two data_offsets");
  Entry entry;
  entry.begin = offsets->front();
  entry.end = offsets->back();
  if (entry.begin > entry.end) return corrupt(name, "ends before it begins");
  if (entry.end > data.size()) {
    return corrupt(name, "lies beyond the end of the file, which is " +
                             std::to_string(entry.end - data.size()) +
                             " bytes too short: fetch it again");
  }
  entry.view.type = type->type;
  entry.view.shape.assign(shape->begin(), shape->end());
  const auto count = element_count(entry.view.shape);
  const std::uint64_t size = entry.end - entry.begin;
  if (!count || size % type->size != 0 || *count != size / type->size) {
    return corrupt(name, "of shape " + shape_text(entry.view.shape) + " does not fit its " +
                             std::to_string(size) + " bytes");
  }
  entry.view.bytes = data.subspan(entry.begin, size);
  return entry;
}

Status check_layout(std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges,
                    std::size_t data_size) {
  std::ranges::sort(ranges);
  std::uint64_t position = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin != position) {
      return fail(ErrorCode::kCorruptData, "tensors overlap or leave a hole at byte " +
                                               std::to_string(std::min(begin, position)) +
                                               " of the data");
    }
    position = end;
  }
  if (position == data_size) return {};
  return fail(ErrorCode::kCorruptData,
              std::to_string(data_size - position) + " bytes after the last tensor");
}

bool is_plain_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name.front() != '.' &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

}  // namespace

Result<TensorTable> parse_safetensors(std::span<const std::byte> file) {
  if (file.size() < kPrefixSize) {
    return fail(ErrorCode::kCorruptData, "the file is too short to be safetensors");
  }
  std::uint64_t header_size = 0;
  for (std::size_t i = kPrefixSize; i-- > 0;) {
    header_size = header_size << 8 | std::to_integer<std::uint64_t>(file[i]);
  }
  const std::span<const std::byte> rest = file.subspan(kPrefixSize);
  if (header_size > std::min<std::uint64_t>(kHeaderSizeMax, rest.size())) {
    return fail(ErrorCode::kCorruptData, "its header claims " + std::to_string(header_size) +
                                             " bytes: cut short, or not safetensors");
  }
  const std::string_view header(reinterpret_cast<const char*>(rest.data()), header_size);
  const std::span<const std::byte> data = rest.subspan(header_size);
  const json::object object = KATIP_TRY(parse_json_object(header, "its header"));

  TensorTable tensors;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  for (const auto& [key, value] : object) {
    if (key == "__metadata__") continue;
    Entry entry = KATIP_TRY(parse_entry(key, value, data));
    ranges.emplace_back(entry.begin, entry.end);
    tensors.emplace(std::string(key), std::move(entry.view));
  }
  if (auto status = check_layout(std::move(ranges), data.size()); !status) {
    return std::unexpected(status.error());
  }
  return tensors;
}

Result<std::map<std::string, std::string>> parse_safetensors_index(std::string_view text) {
  const json::object object = KATIP_TRY(parse_json_object(text, "the index"));
  const json::value* const map_value = object.if_contains("weight_map");
  const json::object* const map = map_value == nullptr ? nullptr : map_value->if_object();
  if (map == nullptr) return fail(ErrorCode::kCorruptData, "the index has no weight_map");
  std::map<std::string, std::string> files;
  for (const auto& [tensor, value] : *map) {
    const json::string* const file_name = value.if_string();
    if (file_name == nullptr || !is_plain_file_name(*file_name)) {
      return corrupt(std::string_view(tensor), "is not in a file of the same folder");
    }
    files.emplace(std::string(tensor), std::string(*file_name));
  }
  return files;
}

}  // namespace katip::engine
