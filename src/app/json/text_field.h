#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace katip::app {

/// The text that an object has under a key; empty where there is none, or something else.
std::string text_in(const boost::json::object& object, std::string_view key);

}  // namespace katip::app
