#include "text/writers/json_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include <boost/json/serialize.hpp>

// Boost.JSON writes 3.2 as 3.2E0, which is right and which nobody wants to read; so the tree is
// walked here, and Boost writes strings and whole numbers.
// Tested by json_text_test.cc.
namespace katip::text {
namespace {

constexpr int kPlacesMax = 6;

std::string number_text(double number) {
  if (!std::isfinite(number)) {
    return "null";
  }
  // A double has up to 309 digits before the point.
  std::array<char, 400> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                          std::chars_format::fixed, kPlacesMax);
  std::string text(digits.data(), end);
  const std::size_t last = text.find_last_not_of('0');
  text.erase(text[last] == '.' ? last + 2 : last + 1);
  return text == "-0.0" ? "0.0" : text;
}

/// `depth` counts the objects and arrays around the value.
void append(const boost::json::value& value, int depth, std::string& out);

void append_separator(bool is_first, int depth, std::string& out) {
  constexpr int kDepthOnOwnLines = 2;
  out += is_first ? "" : ",";
  if (depth <= kDepthOnOwnLines) {
    out += "\n" + std::string(static_cast<std::size_t>(2 * depth), ' ');
  } else if (!is_first) {
    out += ' ';
  }
}

void append_object(const boost::json::object& object, int depth, std::string& out) {
  // Inside the outermost object, objects stay on one line; only arrays are spread.
  const int field_depth = depth == 0 ? 1 : 3;
  out += '{';
  bool is_first = true;
  for (const auto& [key, field] : object) {
    append_separator(is_first, field_depth, out);
    out += boost::json::serialize(boost::json::string_view(key)) + ": ";
    append(field, field_depth, out);
    is_first = false;
  }
  out += depth == 0 && !is_first ? "\n}" : "}";
}

void append_array(const boost::json::array& array, int depth, std::string& out) {
  out += '[';
  bool is_first = true;
  for (const boost::json::value& item : array) {
    append_separator(is_first, depth + 1, out);
    append(item, depth + 1, out);
    is_first = false;
  }
  out += depth == 1 && !is_first ? "\n  ]" : "]";
}

void append(const boost::json::value& value, int depth, std::string& out) {
  if (const auto* object = value.if_object()) {
    append_object(*object, depth, out);
  } else if (const auto* array = value.if_array()) {
    append_array(*array, depth, out);
  } else if (const double* number = value.if_double()) {
    out += number_text(*number);
  } else {
    out += boost::json::serialize(value);
  }
}

}  // namespace

std::string json_text(const boost::json::value& value) {
  std::string text;
  append(value, 0, text);
  return text + "\n";
}

}  // namespace katip::text
