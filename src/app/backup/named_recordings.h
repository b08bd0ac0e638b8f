#pragma once

#include <set>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "store/pool.h"

namespace katip::app {

/// Adds the keys of the recordings that the live database names now.
///
/// Errors: those of the database.
Status add_named_recordings(store::Pool& pool, std::set<std::string>& keys, std::stop_token stop);

}  // namespace katip::app
