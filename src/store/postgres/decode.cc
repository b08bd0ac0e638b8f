#include "store/postgres/decode.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

// Tested by decode_test.cc and conformance/types_test.cc.
namespace katip::store::postgres {
namespace {

// The object identifiers of PostgreSQL's own types are the same in every database.
// Source: src/include/catalog/pg_type.dat.
enum Type : unsigned {
  kBoolean = 16,
  kBytea = 17,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kOid = 26,
  kFloat4 = 700,
  kFloat8 = 701,
  kTimestamp = 1114,
  kTimestampTz = 1184,
  kNumeric = 1700,
};

std::unexpected<Error> malformed(std::string_view type) {
  return fail(ErrorCode::kCorruptData, fmt::format("the server sent a malformed {}", type));
}

template <typename T>
bool parse(std::string_view text, T& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end;
}

Result<Value> decode_integer(std::string_view text) {
  std::int64_t number = 0;
  return parse(text, number) ? Result<Value>(number) : malformed("integer");
}

Result<Value> decode_real(std::string_view text) {
  double number = 0;
  return parse(text, number) ? Result<Value>(number) : malformed("number");
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

Result<Value> decode_bytes(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) {
    return malformed("bytea");
  }
  text.remove_prefix(2);
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) {
      return malformed("bytea");
    }
    bytes.push_back(static_cast<std::byte>(high * 16 + low));
  }
  return bytes;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string iso_8601(std::string_view timestamp) {
  constexpr std::size_t kSecondsSize = std::string_view("2026-03-01 12:00:00").size();
  constexpr std::size_t kDigitsMin = 3;
  const bool is_utc = timestamp.ends_with("+00");
  std::string_view rest = timestamp;
  if (is_utc) {
    rest.remove_suffix(3);
  }
  if (rest.size() < kSecondsSize || rest[4] != '-' || rest[10] != ' ' || rest[16] != ':') {
    return std::string(timestamp);
  }
  std::string_view fraction = rest.substr(kSecondsSize);
  if (fraction.starts_with('.')) {
    fraction.remove_prefix(1);
  }
  if (!std::ranges::all_of(fraction, is_digit)) {
    return std::string(timestamp);  // Before Christ, or another zone.
  }
  std::string text(rest.substr(0, kSecondsSize));
  text[10] = 'T';
  text += fmt::format(".{:0<{}}", fraction, kDigitsMin);
  return is_utc ? text + "Z" : text;
}

Result<Value> decode(unsigned type_oid, std::string_view text) {
  switch (type_oid) {
    case kBoolean:
      return Value(text == "t");
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid:
      return decode_integer(text);
    case kFloat4:
    case kFloat8:
      return decode_real(text);
    case kNumeric: {
      std::int64_t number = 0;
      return parse(text, number) ? Result<Value>(number) : decode_real(text);
    }
    case kBytea:
      return decode_bytes(text);
    case kTimestamp:
    case kTimestampTz:
      return Value(iso_8601(text));
    default:
      return Value(text);
  }
}

}  // namespace katip::store::postgres
