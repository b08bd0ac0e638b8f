#pragma once

#include <string_view>

#include "base/result.h"
#include "store/value.h"

namespace katip::store::postgres {

/// The value that PostgreSQL's text form of this type stands for (see Value).
///
/// Errors: kCorruptData when the text has not the form of its type.
Result<Value> decode(unsigned type_oid, std::string_view text);

/// "2026-03-01 12:00:00.5+00" -> "2026-03-01T12:00:00.500Z"; what is no usual time ("infinity")
/// stays.
std::string iso_8601(std::string_view timestamp);

}  // namespace katip::store::postgres
