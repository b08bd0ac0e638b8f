#include "app/records/log_json.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/log_book.h"
#include "base/assert.h"
#include "base/suggestion.h"
#include "base/utf8.h"
#include "base/uuid.h"

/// Tested by log_book_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;
using store::LogField;
using store::LogFieldType;
using store::Value;

constexpr std::size_t kJsonSizeMax = 65'536;  // Of one record, but for the content of a message.
constexpr double kNumberMax = 1e11;           // Of numeric(18, 6).

std::unexpected<Error> bad(const LogField& field, const std::string& what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", field.name, what));
}

Result<Value> text_value(const LogField& field, std::string_view text) {
  if (!is_utf8(text) || text.contains('\0')) return bad(field, "has to be text in UTF-8");
  if (text.empty() && field.is_required) return bad(field, "must not be empty");
  if (text.empty() && !field.fallback) return Value();
  if (!field.one_of.empty() && std::ranges::find(field.one_of, text) == field.one_of.end()) {
    return bad(field, fmt::format("is one of {}", fmt::join(field.one_of, ", ")));
  }
  if (field.length_max > 0 && static_cast<std::int64_t>(character_count(text)) > field.length_max) {
    return bad(field, fmt::format("has at most {} characters", field.length_max));
  }
  if (field.name == "currency" && (text.size() != 3 || !std::ranges::all_of(text, [](char c) {
                                     return c >= 'A' && c <= 'Z';
                                   }))) {
    return bad(field, "is a code of three capitals such as TRY");
  }
  return Value(text);
}

Result<Value> value_of(const LogField& field, const json::value& value) {
  switch (field.type) {
    case LogFieldType::kText:
      if (!value.is_string()) return bad(field, "has to be a text");
      return text_value(field, value.get_string());
    case LogFieldType::kNumber: {
      if (!value.is_number()) return bad(field, "has to be a number");
      const double number = value.to_number<double>();
      if (!std::isfinite(number) || std::abs(number) > kNumberMax)
        return bad(field, "is too large");
      if (number < 0 && field.name == "quantity") return bad(field, "is at least 0");
      return Value(number);
    }
    case LogFieldType::kJson: {
      if (!value.is_object()) return bad(field, "has to be an object");
      std::string text = json::serialize(value);
      if (text.size() > kJsonSizeMax) return bad(field, "is larger than 64 KiB");
      if (text.contains("\\u0000")) return bad(field, "has a zero character");
      return Value(std::move(text));
    }
    case LogFieldType::kTime: {
      const json::string* text = value.if_string();
      const auto time = text == nullptr ? Result<store::Timestamp>(fail(ErrorCode::kInternal, ""))
                                        : store::parse_timestamp(std::string_view(*text));
      if (!time) return bad(field, "has to be a time such as 2026-03-01T12:00:00.000Z");
      return Value(store::to_text(*time));
    }
    case LogFieldType::kUuid:
      if (!value.is_string() || !is_uuid(std::string_view(value.get_string()))) {
        return bad(field, "has to be a uuid");
      }
      return Value(std::string_view(value.get_string()));
  }
  return Value();
}

/// Of a field that is not given.
Value fallback_of(const LogField& field) {
  if (!field.fallback) return {};
  if (field.type == LogFieldType::kNumber) return {0.0};
  return {*field.fallback};
}

Result<json::object> parse_object(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object()) {
    return fail(ErrorCode::kInvalidArgument, "a record is a JSON object");
  }
  return std::move(value.get_object());
}

Status check_known(const store::LogTable& table, const json::object& object) {
  std::vector<std::string_view> names;
  for (const LogField& field : table.fields) names.push_back(field.name);
  for (const auto& [key, value] : object) {
    const std::string_view name = key;
    if (std::ranges::find(names, name) != names.end()) continue;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("there is no field `{}` in {}.{}", name.substr(0, cut_size(name, 60)),
                            table.name,
                            did_you_mean(nearest(name, std::span<const std::string_view>(names)))));
  }
  return {};
}

}  // namespace

store::Value& field_of(store::LogRecord& record, std::string_view field) {
  const auto& fields = store::log_table(record.kind).fields;
  const auto found = std::ranges::find(fields, field, &LogField::name);
  KATIP_ASSERT(found != fields.end());
  return record.values[static_cast<std::size_t>(found - fields.begin())];
}

Result<store::LogRecord> parse_log(store::LogKind kind, std::string_view text) {
  const store::LogTable& table = store::log_table(kind);
  const json::object object = KATIP_TRY(parse_object(text));
  KATIP_TRY(check_known(table, object));
  store::LogRecord record{.kind = kind, .values = {}};
  for (const LogField& field : table.fields) {
    const json::value* given = object.if_contains(field.name);
    if (given != nullptr && !given->is_null()) {
      record.values.push_back(KATIP_TRY(value_of(field, *given)));
    } else if (field.is_required) {
      return bad(field, "is missing");
    } else {
      record.values.push_back(fallback_of(field));
    }
  }
  if (kind == store::LogKind::kSale && record.find("currency")->is_null()) {
    const double* amount = record.find("amount")->get_if<double>();
    if (amount != nullptr && *amount != 0) {
      return fail(ErrorCode::kInvalidArgument, "currency: an amount needs one");
    }
  }
  return record;
}

std::string to_json(const LogRecord& record) {
  const auto& fields = store::log_table(record.kind).fields;
  json::object object;
  for (std::size_t i = 0; i < fields.size() && i < record.values.size(); ++i) {
    const Value& value = record.values[i];
    if (const std::string* text = value.get_if<std::string>()) {
      boost::system::error_code error;
      if (fields[i].type == LogFieldType::kJson) {
        json::value parsed = json::parse(*text, error);
        object[fields[i].name] = error ? json::value(*text) : std::move(parsed);
      } else {
        object[fields[i].name] = *text;
      }
    } else if (const auto number = value.to<double>(); !value.is_null() && number) {
      object[fields[i].name] = *number;
    }
  }
  return json::serialize(object);
}

}  // namespace katip::app
