#pragma once

#include <stop_token>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "store/pool.h"

namespace katip::app {

/// A secret of 256 bits that all servers of this database share and that survives them: made by
/// chance when the first one asks for it. `name` says what it is for.
///
/// Errors: those of the database.
Result<Secret> server_secret(store::Pool& pool, Rng& rng, std::string_view name,
                             std::stop_token stop);

}  // namespace katip::app
