#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace katip::app {

/// Rows of fields, separated by commas (or by semicolons, when the first line has more of those).
/// Lines of nothing are left out.
///
/// Errors: kInvalidArgument for a quote that is not closed, naming the line.
/// Source: RFC 4180.
Result<std::vector<std::vector<std::string>>> parse_csv(std::string_view text);

/// One field, in quotes where it needs them.
std::string csv_field(std::string_view text);
/// The same of a text from outside: what a spreadsheet would take for a formula gets a quote before
/// it.
std::string csv_outside_field(std::string_view text);

}  // namespace katip::app
