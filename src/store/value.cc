#include "store/value.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.h"

// Tested by value_test.cc; the round trip through the databases by conformance/types_test.cc.
namespace katip::store {
namespace {

std::unexpected<Error> wrong_type(const Value& value, std::string_view wanted) {
  return fail(ErrorCode::kCorruptData,
              fmt::format("is {} where {} was expected", value.type_name(), wanted));
}

}  // namespace

std::string_view Value::type_name() const {
  static constexpr std::array<std::string_view, 5> kNames = {"null", "integer", "real", "text",
                                                             "bytes"};
  return kNames[data_.index()];
}

template <>
Result<std::int64_t> Value::to() const {
  if (const auto* number = get_if<std::int64_t>()) {
    return *number;
  }
  return wrong_type(*this, "an integer");
}

template <>
Result<bool> Value::to() const {
  const auto* number = get_if<std::int64_t>();
  if (number != nullptr && (*number == 0 || *number == 1)) {
    return *number == 1;
  }
  return wrong_type(*this, "0 or 1");
}

template <>
Result<double> Value::to() const {
  if (const auto* number = get_if<double>()) {
    return *number;
  }
  if (const auto* number = get_if<std::int64_t>()) {
    return static_cast<double>(*number);
  }
  return wrong_type(*this, "a number");
}

template <>
Result<std::string> Value::to() const {
  if (const auto* text = get_if<std::string>()) {
    return *text;
  }
  return wrong_type(*this, "text");
}

template <>
Result<Bytes> Value::to() const {
  if (const auto* bytes = get_if<Bytes>()) {
    return *bytes;
  }
  return wrong_type(*this, "bytes");
}

Status check_parameters(std::span<const Value> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto refuse = [&](std::string_view why) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("parameter ${} {}", i + 1, why));
    };
    if (const auto* number = parameters[i].get_if<double>(); number && std::isnan(*number)) {
      return refuse("is not a number (NaN), which cannot be stored");
    }
    const auto* text = parameters[i].get_if<std::string>();
    if (text != nullptr && text->find('\0') != std::string::npos) {
      return refuse("holds a zero byte, which text cannot; pass it as bytes");
    }
    if (text != nullptr && !is_utf8(*text)) {
      return refuse("is not UTF-8; pass it as bytes");
    }
  }
  return {};
}

Result<std::size_t> Row::index_of(std::string_view column) const {
  const auto found = std::ranges::find(*columns_, column);
  if (found == columns_->end()) {
    return fail(ErrorCode::kInternal, fmt::format("the statement gives no column {}", column));
  }
  return static_cast<std::size_t>(found - columns_->begin());
}

Error Row::no_column(std::size_t index) const {
  return {ErrorCode::kInternal,
          fmt::format("the statement gives {} columns, none with index {}", size(), index)};
}

}  // namespace katip::store
