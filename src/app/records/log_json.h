#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/log_store.h"

namespace katip::app {

/// Reads a record of this kind from a JSON object. Every field is checked against its table; those
/// that are not given have the table's value, and id and times stay empty.
///
/// Errors: kInvalidArgument, naming the field, with what may be meant for one that does not exist.
Result<store::LogRecord> parse_log(store::LogKind kind, std::string_view json);

/// The place of a field that the table has.
store::Value& field_of(store::LogRecord& record, std::string_view field);

}  // namespace katip::app
