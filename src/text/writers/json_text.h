#pragma once

#include <span>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "text/transcript.h"

// Only for .cc files of this module: the one header here that shows a third-party type.
namespace katip::text {

/// JSON for people and programs: the fields of the outermost object and the items of its arrays on
/// lines of their own, everything deeper on one line. Keys keep their order. A number with a
/// fraction has at most 6 places and no exponent, and at least one place ("12.0"); one that is not
/// finite is null. Strings must be UTF-8.
std::string json_text(const boost::json::value& value);

/// Objects of `bytes` and `logprob`: a token may cut a character, so it is no JSON text.
boost::json::array scored_tokens_json(std::span<const ScoredToken> tokens);

}  // namespace katip::text
