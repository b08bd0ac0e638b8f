#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

/// Bytes that need not be UTF-8, as JSON has them: a list of numbers from 0 to 255. A token of a
/// model may cut a character.
namespace katip::text {

boost::json::array byte_list(std::string_view bytes);

/// Back again; nothing for a list that holds something else.
std::optional<std::string> bytes_in(const boost::json::array& list);

}  // namespace katip::text
