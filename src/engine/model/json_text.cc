#include "engine/model/json_text.h"

#include <string>

#include <boost/json.hpp>

// Tested by json_text_test.cc.
namespace katip::engine {
namespace json = boost::json;
namespace {

/// More items than any list of a Whisper configuration has.
constexpr std::size_t kItemCountMax = 100'000;

/// A tokenizer.json has 4 MB; the limit bounds the memory that parsing takes.
constexpr std::size_t kTextSizeMax = 64u << 20;

Result<int> to_int(const json::value& value, std::string_view key, int minimum, int maximum) {
  json::error_code error;
  const auto number = value.to_number<std::int64_t>(error);
  if (error || number < minimum || number > maximum) {
    return fail(ErrorCode::kCorruptData, std::string(key) + " must hold whole numbers from " +
                                             std::to_string(minimum) + " to " +
                                             std::to_string(maximum));
  }
  return static_cast<int>(number);
}

}  // namespace

Result<json::value> parse_json(std::string_view text, std::string_view file_name,
                               const json::storage_ptr& storage) {
  if (text.size() > kTextSizeMax) {
    return fail(ErrorCode::kCorruptData, std::string(file_name) + " is larger than 64 MiB");
  }
  json::error_code error;
  json::parser parser(storage);
  const std::size_t used = parser.write_some(text, error);
  if (!error && used == text.size()) return parser.release();
  return fail(ErrorCode::kCorruptData, std::string(file_name) + " is not valid JSON: " +
                                           (error ? error.message() : "text after its end") +
                                           " near byte " + std::to_string(used));
}

Result<json::object> parse_json_object(std::string_view text, std::string_view file_name) {
  json::value value = KATIP_TRY(parse_json(text, file_name, {}));
  if (!value.is_object()) {
    return fail(ErrorCode::kCorruptData, std::string(file_name) + " is not a JSON object");
  }
  return std::move(value.get_object());
}

Result<int> json_int(const json::object& object, std::string_view key, int minimum, int maximum) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr) return fail(ErrorCode::kCorruptData, std::string(key) + " is missing");
  return to_int(*value, key, minimum, maximum);
}

Result<std::vector<int>> json_int_list(const json::object& object, std::string_view key,
                                       int minimum, int maximum) {
  std::vector<int> numbers;
  const json::value* const value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return numbers;
  const json::array* const items = value->if_array();
  if (items == nullptr || items->size() > kItemCountMax) {
    return fail(ErrorCode::kCorruptData, std::string(key) + " must be a list of whole numbers");
  }
  numbers.reserve(items->size());
  for (const json::value& item : *items) {
    numbers.push_back(KATIP_TRY(to_int(item, key, minimum, maximum)));
  }
  return numbers;
}

}  // namespace katip::engine
