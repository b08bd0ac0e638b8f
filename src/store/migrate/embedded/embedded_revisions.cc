#include "store/migrate/embedded/embedded_revisions.h"

#include <filesystem>

#include "store/migrate/embedded/embedded_files.h"

/// Tested by schema_test.cc.
namespace katip::store::migrate {

std::string_view schema_file_name(Dialect dialect) {
  return dialect == Dialect::kSqlite ? "schema.sqlite.sql" : "schema.postgres.sql";
}

Result<RevisionGraph> embedded_revisions() {
  std::vector<RevisionFile> files;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == schema_file_name(Dialect::kSqlite) ||
        file.name == schema_file_name(Dialect::kPostgres)) {
      continue;
    }
    const std::filesystem::path path = std::filesystem::path("migrations") / file.name;
    files.push_back(KATIP_TRY(parse_revision_file(file.text, path)));
  }
  return RevisionGraph::build(std::move(files));
}

std::string_view embedded_schema(Dialect dialect) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == schema_file_name(dialect)) return file.text;
  }
  return {};
}

}  // namespace katip::store::migrate
