#include "app/json/text_field.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

/// Tested by text_field_test.cc.
namespace katip::app {

std::string text_in(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

}  // namespace katip::app
