#pragma once

#include <vector>

#include "store/migrate/compare/difference.h"
#include "store/migrate/compare/renames.h"
#include "store/schema_comparison.h"

namespace katip::store::migrate {

/// Every difference in words, in those of Alembic where it has some.
std::vector<SchemaChange> changes_of(const std::vector<Rename>& renames,
                                     const CatalogDifference& difference);

}  // namespace katip::store::migrate
