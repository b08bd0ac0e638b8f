#include "http/schema.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/suggestion.h"
#include "base/utf8.h"
#include "base/uuid.h"

/// Tested by schema_test.cc.
namespace katip::http {
namespace json = boost::json;
namespace {

/// A place in a JSON document, RFC 6901.
std::string join(const std::string& pointer, std::string_view key) {
  std::string joined = pointer + '/';
  for (const char letter : key) {
    if (letter == '~') {
      joined += "~0";
    } else if (letter == '/') {
      joined += "~1";
    } else {
      joined += letter;
    }
  }
  return joined;
}

/// "2026-03-01T12:00:00Z", with or without part seconds and an offset.
bool is_date_time(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() < kShape.size() + 1) return false;
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == 'd' ? !is_digit(text[i]) : kShape[i] != text[i]) return false;
  }
  const auto number = [text](std::size_t at) {
    return static_cast<unsigned>(text[at] - '0') * 10 + static_cast<unsigned>(text[at + 1] - '0');
  };
  const std::chrono::year_month_day day{
      std::chrono::year(static_cast<int>(number(0) * 100 + number(2))),
      std::chrono::month(number(5)), std::chrono::day(number(8))};
  if (!day.ok() || number(11) > 23 || number(14) > 59 || number(17) > 60) return false;
  text.remove_prefix(kShape.size());
  if (text.front() == '.') {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (end == 1) return false;
    text.remove_prefix(end);
  }
  if (text == "Z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' &&
         is_digit(text[1]) && is_digit(text[2]) && is_digit(text[4]) && is_digit(text[5]) &&
         text.substr(1, 2) <= "23" && text[4] <= '5';
}

bool has_format(std::string_view text, std::string_view format) {
  if (format == "uuid") return is_uuid(text);
  if (format == "date-time") return is_date_time(text);
  if (format == "uri") return text.starts_with("https://") || text.starts_with("http://");
  return true;
}

std::string limits(std::optional<double> minimum, std::optional<double> maximum) {
  if (minimum && maximum) return fmt::format("{} to {}", *minimum, *maximum);
  if (!minimum && !maximum) return "a number that is finite";
  return minimum ? fmt::format("at least {}", *minimum) : fmt::format("at most {}", *maximum);
}

}  // namespace

Schema Schema::any() { return Schema(Kind::kAny); }
Schema Schema::object(std::vector<Property> properties) {
  Schema schema(Kind::kObject);
  schema.properties_ = std::make_shared<const std::vector<Property>>(std::move(properties));
  return schema;
}
Schema Schema::array(Schema items) {
  Schema schema(Kind::kArray);
  schema.items_ = std::make_shared<const Schema>(std::move(items));
  return schema;
}
Schema Schema::string() { return Schema(Kind::kString); }
Schema Schema::integer() { return Schema(Kind::kInteger); }
Schema Schema::number() { return Schema(Kind::kNumber); }
Schema Schema::boolean() { return Schema(Kind::kBoolean); }
Schema Schema::binary() { return Schema(Kind::kBinary); }

Schema Schema::length(std::int64_t minimum, std::int64_t maximum) const {
  Schema schema = *this;
  schema.length_min_ = minimum;
  schema.length_max_ = maximum;
  return schema;
}
Schema Schema::range(double minimum, double maximum) const {
  Schema schema = *this;
  schema.minimum_ = minimum;
  schema.maximum_ = maximum;
  return schema;
}
Schema Schema::one_of(std::vector<std::string> values) const {
  Schema schema = *this;
  schema.values_ = std::move(values);
  return schema;
}
Schema Schema::format(std::string name) const {
  Schema schema = *this;
  schema.format_ = std::move(name);
  return schema;
}
Schema Schema::nullable() const {
  Schema schema = *this;
  schema.is_nullable_ = true;
  return schema;
}
Schema Schema::described(std::string text) const {
  Schema schema = *this;
  schema.description_ = std::move(text);
  return schema;
}
Schema Schema::open() const {
  Schema schema = *this;
  schema.is_open_ = true;
  return schema;
}

std::string Schema::expected() const {
  switch (kind_) {
    case Kind::kObject:
      return "an object";
    case Kind::kArray:
      return "a list";
    case Kind::kString:
      return "a text";
    case Kind::kInteger:
      return "a whole number";
    case Kind::kNumber:
      return "a number";
    case Kind::kBoolean:
      return "true or false";
    case Kind::kBinary:
      return "a file";
    case Kind::kAny:
      break;
  }
  return "a value";
}

void Schema::check(const json::value& value, const std::string& pointer,
                   std::vector<FieldError>& errors) const {
  if (kind_ == Kind::kAny || (value.is_null() && is_nullable_)) return;
  if (kind_ == Kind::kObject && value.is_object()) {
    check_object(value.get_object(), pointer, errors);
  } else if (kind_ == Kind::kArray && value.is_array()) {
    const json::array& array = value.get_array();
    const auto size = static_cast<std::int64_t>(array.size());
    if (size < length_min_.value_or(0) || size > length_max_.value_or(size)) {
      errors.push_back({pointer, fmt::format("must have {} to {} entries", length_min_.value_or(0),
                                             length_max_.value_or(size))});
    }
    for (std::size_t i = 0; i < array.size() && errors.size() < kErrorCountMax; ++i) {
      items_->check(array[i], fmt::format("{}/{}", pointer, i), errors);
    }
  } else if (kind_ == Kind::kString && value.is_string()) {
    check_string(value.get_string(), pointer, errors);
  } else if (kind_ == Kind::kInteger && value.is_int64()) {
    check_number(static_cast<double>(value.get_int64()), pointer, errors);
  } else if (kind_ == Kind::kNumber && value.is_number()) {
    check_number(value.to_number<double>(), pointer, errors);
  } else if (kind_ != Kind::kBoolean || !value.is_bool()) {
    errors.push_back({pointer, "must be " + expected()});
  }
}

void Schema::check_object(const json::object& object, const std::string& pointer,
                          std::vector<FieldError>& errors) const {
  std::vector<std::string> names;
  for (const Property& property : *properties_) {
    names.push_back(property.name);
    const json::value* value = object.if_contains(property.name);
    if (value != nullptr) {
      property.schema.check(*value, join(pointer, property.name), errors);
    } else if (property.need == Need::kRequired) {
      errors.push_back({join(pointer, property.name), "is needed"});
    }
  }
  if (is_open_) return;
  for (const auto& pair : object) {
    if (errors.size() >= kErrorCountMax) return;
    if (std::ranges::find(names, std::string_view(pair.key())) == names.end()) {
      errors.push_back(
          {join(pointer, pair.key()),
           "there is no such field." + did_you_mean(nearest(std::string_view(pair.key()), names))});
    }
  }
}

void Schema::check_string(std::string_view text, const std::string& pointer,
                          std::vector<FieldError>& errors) const {
  if (!is_utf8(text) || text.contains('\0')) {
    errors.push_back({pointer, "must be UTF-8 without the character U+0000"});
    return;
  }
  if (!values_.empty() && std::ranges::find(values_, text) == values_.end()) {
    errors.push_back({pointer, fmt::format("must be one of {}.{}", fmt::join(values_, ", "),
                                           did_you_mean(nearest(text, values_)))});
    return;
  }
  const auto length = static_cast<std::int64_t>(character_count(text));
  if (length < length_min_.value_or(0) || length > length_max_.value_or(length)) {
    errors.push_back({pointer, fmt::format("must have {} to {} characters", length_min_.value_or(0),
                                           length_max_.value_or(length))});
  }
  if (!has_format(text, format_)) {
    errors.push_back({pointer, format_ == "uri" ? "must be an http or https address"
                                                : fmt::format("must be a {}", format_)});
  }
}

void Schema::check_number(double number, const std::string& pointer,
                          std::vector<FieldError>& errors) const {
  if (!std::isfinite(number) || (minimum_ && number < *minimum_) ||
      (maximum_ && number > *maximum_)) {
    errors.push_back({pointer, "must be " + limits(minimum_, maximum_)});
  }
}

void Schema::check_text(std::string_view text, const std::string& name,
                        std::vector<FieldError>& errors) const {
  if (kind_ == Kind::kInteger || kind_ == Kind::kNumber) {
    double number = 0;
    std::int64_t whole = 0;
    const char* end = text.data() + text.size();
    const auto result = kind_ == Kind::kInteger ? std::from_chars(text.data(), end, whole)
                                                : std::from_chars(text.data(), end, number);
    if (result.ec != std::errc{} || result.ptr != end) {
      errors.push_back({name, "must be " + expected()});
      return;
    }
    check_number(kind_ == Kind::kInteger ? static_cast<double>(whole) : number, name, errors);
  } else if (kind_ == Kind::kBoolean) {
    if (text != "true" && text != "false") errors.push_back({name, "must be true or false"});
  } else if (kind_ == Kind::kArray) {
    items_->check_text(text, name, errors);
  } else if (kind_ == Kind::kString || kind_ == Kind::kAny) {
    check_string(text, name, errors);
  }
}

json::value Schema::to_json() const {
  static constexpr std::string_view kTypes[] = {"",        "object", "array",   "string",
                                                "integer", "number", "boolean", "string"};
  json::object schema;
  const std::string_view type = kTypes[static_cast<int>(kind_)];
  if (!type.empty()) {
    schema["type"] = is_nullable_ ? json::value(json::array{type, "null"}) : json::value(type);
  }
  if (!description_.empty()) schema["description"] = description_;
  if (kind_ == Kind::kBinary) schema["contentMediaType"] = "application/octet-stream";
  if (!format_.empty()) schema["format"] = format_;
  if (!values_.empty()) {
    json::array values(values_.begin(), values_.end());
    if (is_nullable_) values.emplace_back(nullptr);
    schema["enum"] = std::move(values);
  }
  const bool is_list = kind_ == Kind::kArray;
  if (length_min_) schema[is_list ? "minItems" : "minLength"] = *length_min_;
  if (length_max_) schema[is_list ? "maxItems" : "maxLength"] = *length_max_;
  if (minimum_) schema["minimum"] = *minimum_;
  if (maximum_) schema["maximum"] = *maximum_;
  if (items_) schema["items"] = items_->to_json();
  if (properties_) {
    json::object properties;
    json::array required;
    for (const Property& property : *properties_) {
      properties[property.name] = property.schema.to_json();
      if (property.need == Need::kRequired) required.emplace_back(property.name);
    }
    schema["properties"] = std::move(properties);
    if (!required.empty()) schema["required"] = std::move(required);
    if (!is_open_) schema["additionalProperties"] = false;
  }
  return schema;
}

}  // namespace katip::http
