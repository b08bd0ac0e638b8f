#pragma once

#include "store/connection.h"

namespace katip::store {

/// A good row of testing/schema_rows.h in every table that is there and empty.
void fill_tables(Connection& sql);

}  // namespace katip::store
