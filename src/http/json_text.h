#pragma once

#include <string>

#include <boost/json/fwd.hpp>

namespace katip::http {

/// A JSON value as text. Numbers are written as people write them, 10.756 and not 1.0756E1, and
/// what is not finite becomes null.
std::string json_text(const boost::json::value& value);

}  // namespace katip::http
