#pragma once

#include "base/result.h"
#include "store/connection.h"
#include "store/migrate/files/statements.h"

namespace katip::store::migrate {

/// PostgreSQL leaves a broken index behind when `create index concurrently` fails or its migrator
/// is killed: nobody reads it, every write goes on filling it, and `if not exists` takes it for the
/// one that is wanted. Whoever is about to run such a statement removes it first; other statements:
/// nothing.
///
/// Errors: those of Connection.
Status drop_invalid_index(Connection& connection, const Statement& statement);

}  // namespace katip::store::migrate
