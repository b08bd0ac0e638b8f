#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/timestamp.h"
#include "store/value.h"

/// Columns of a row as the types that records have.
///
/// Errors: those of Row::get(); kCorruptData for a time that is none.
namespace katip::store {

inline Result<int> int_of(const Row& row, std::string_view column) {
  return static_cast<int>(KATIP_TRY(row.get<std::int64_t>(column)));
}

inline Result<std::optional<int>> optional_int_of(const Row& row, std::string_view column) {
  const auto number = KATIP_TRY(row.get<std::optional<std::int64_t>>(column));
  return number ? std::optional(static_cast<int>(*number)) : std::optional<int>();
}

inline Result<Timestamp> time_of(const Row& row, std::string_view column) {
  return parse_timestamp(KATIP_TRY(row.get<std::string>(column)));
}

inline Result<std::optional<Timestamp>> optional_time_of(const Row& row, std::string_view column) {
  const auto text = KATIP_TRY(row.get<std::optional<std::string>>(column));
  if (!text) return std::optional<Timestamp>();
  return std::optional(KATIP_TRY(parse_timestamp(*text)));
}

/// The other way round: a time that may be missing as a parameter.
inline Value optional_time_value(const std::optional<Timestamp>& time) {
  return time ? Value(to_text(*time)) : Value();
}

}  // namespace katip::store
