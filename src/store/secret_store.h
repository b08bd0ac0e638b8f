#pragma once

#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "store/connection.h"

/// The rows of server_secrets: what the servers of one database share and nobody else knows.
///
/// Errors: those of Connection.
namespace katip::store {

/// The secret of this name. When there is none yet, `offered` (32 to 500 characters) is it from now
/// on; of several servers that offer one at once, all get that of the first. Belongs in a
/// transaction.
Result<Secret> keep_server_secret(Connection& sql, std::string_view name, const Secret& offered);

}  // namespace katip::store
