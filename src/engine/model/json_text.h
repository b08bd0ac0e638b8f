#pragma once

#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>  // names only: the library itself stays in .cc files

#include "base/result.h"

/// Reading of JSON that came from outside: every access checks, no exception leaves.
namespace katip::engine {

/// Errors: kCorruptData naming `file_name` and the place.
Result<boost::json::value> parse_json(std::string_view text, std::string_view file_name,
                                      const boost::json::storage_ptr& storage);

/// The object that the whole text is. Errors: as parse_json, and kCorruptData for anything else.
Result<boost::json::object> parse_json_object(std::string_view text, std::string_view file_name);

/// A whole number that must be there. Errors: kCorruptData naming `key` and the limits.
Result<int> json_int(const boost::json::object& object, std::string_view key, int minimum,
                     int maximum);

/// A list of whole numbers; empty when it is missing or null. Errors: kCorruptData naming `key`.
Result<std::vector<int>> json_int_list(const boost::json::object& object, std::string_view key,
                                       int minimum, int maximum);

}  // namespace katip::engine
