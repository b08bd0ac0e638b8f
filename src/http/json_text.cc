#include "http/json_text.h"

#include <cmath>
#include <iterator>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

/// Tested by json_text_test.cc.
namespace katip::http {
namespace json = boost::json;
namespace {

void append(std::string& text, const json::value& value);

void append_object(std::string& text, const json::object& object) {
  text += '{';
  for (const auto& pair : object) {
    if (&pair != object.begin()) text += ',';
    text += json::serialize(pair.key());
    text += ':';
    append(text, pair.value());
  }
  text += '}';
}

void append_array(std::string& text, const json::array& array) {
  text += '[';
  for (const json::value& entry : array) {
    if (&entry != &array.front()) text += ',';
    append(text, entry);
  }
  text += ']';
}

void append(std::string& text, const json::value& value) {
  if (value.is_object()) {
    append_object(text, value.get_object());
  } else if (value.is_array()) {
    append_array(text, value.get_array());
  } else if (value.is_double()) {
    const double number = value.get_double();
    if (std::isfinite(number)) {
      fmt::format_to(std::back_inserter(text), "{}", number);
    } else {
      text += "null";
    }
  } else {
    text += json::serialize(value);
  }
}

}  // namespace

std::string json_text(const json::value& value) {
  std::string text;
  append(text, value);
  return text;
}

}  // namespace katip::http
