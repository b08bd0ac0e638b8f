#pragma once

#include <string_view>

#include "base/result.h"
#include "store/database_url.h"
#include "store/migrate/graph/revision_graph.h"

namespace katip::store::migrate {

/// The revisions of katip's own schema that are part of the program.
///
/// Errors: those of parse_revision_file() and RevisionGraph::build(); a test keeps them away.
Result<RevisionGraph> embedded_revisions();

/// The declared schema that is part of the program; empty when there is none.
std::string_view embedded_schema(Dialect dialect);

/// The name of the file beside the revisions that declares the schema: "schema.sqlite.sql" or
/// "schema.postgres.sql".
std::string_view schema_file_name(Dialect dialect);

}  // namespace katip::store::migrate
