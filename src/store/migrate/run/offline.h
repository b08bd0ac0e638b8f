#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/migrate/plan/plan.h"
#include "store/migrate/run/version_sql.h"

namespace katip::store::migrate {

/// A plan as a script for somebody else to run, in the form of Alembic's: the version table when
/// the database has none yet, a comment before each step, its statements, its row changes.
/// PostgreSQL gets `BEGIN; … COMMIT;`, which is interrupted where a statement forbids it.
///
/// Errors: those of RevisionFile::statements().
struct OfflineOptions {
  Dialect dialect = Dialect::kPostgres;
  std::string version_table = std::string(kVersionTable);
  bool from_base = false;  ///< Nothing is applied yet: the script makes the version table.
};
Result<std::string> offline_sql(const Plan& plan, const OfflineOptions& options);

/// Where an offline run begins and ends: "from:to", or "to" from the base.
struct OfflineRange {
  std::vector<std::string> rows;  ///< As if the version table had them.
  std::string target;
};

/// Errors: kInvalidArgument when `direction` is a downgrade and there is no colon; kNotFound.
Result<OfflineRange> parse_offline_range(const RevisionGraph& graph, std::string_view range,
                                         Direction direction);

}  // namespace katip::store::migrate
