#pragma once

#include <string_view>

#include "base/result.h"

namespace katip::store::postgres {

/// The code of ours for an SQLSTATE of PostgreSQL. `is_reading`: the transaction was begun to read
/// only, so that a refused write is the caller's mistake.
ErrorCode code_of(std::string_view sqlstate, bool is_reading);

/// Whether the server ends the connection with this error.
bool is_last_word(std::string_view sqlstate);

/// The SQLSTATE in a verbose message of libpq ("FATAL:  28P01: password …"), which is all that it
/// has while connecting; empty when there is none.
std::string_view sqlstate_in(std::string_view message);

}  // namespace katip::store::postgres
