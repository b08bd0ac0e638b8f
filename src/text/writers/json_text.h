#pragma once

#include <string>

#include <boost/json/value.hpp>

// Only for .cc files of this folder: the one header here that shows a third-party type.
namespace katip::text {

/// JSON for people and programs: the fields of the outermost object and the items of its arrays on
/// lines of their own, everything deeper on one line. Keys keep their order. A number with a
/// fraction has at most 6 places and no exponent, and at least one place ("12.0"); one that is not
/// finite is null. Strings must be UTF-8.
std::string json_text(const boost::json::value& value);

}  // namespace katip::text
