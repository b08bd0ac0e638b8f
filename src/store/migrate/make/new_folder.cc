#include <fmt/format.h>

#include "base/atomic_file.h"
#include "store/migrate/embedded/embedded_revisions.h"
#include "store/migrate/files/file_text.h"
#include "store/migrations.h"

/// Tested by new_folder_test.cc.
namespace katip::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kReadme = R"(# Migrations

| file | what it is |
| --- | --- |
| versions/*.sql | the revisions, each with both directions: never edit one that was applied |
| schema.sqlite.sql, schema.postgres.sql | what it is to be, for `check` and `--autogenerate` |
| script.sql.tmpl | the template of new revisions |

    katip migrate revision -m "what changes"     a new revision, to be filled in
    katip migrate revision -m "…" --autogenerate the same, with the SQL from the declared schema
    katip migrate upgrade head                   apply all
    katip migrate current                        where the database is
    katip migrate --help                         everything else
)";

constexpr std::string_view kSchema =
    "-- The schema as it is to be, for `katip migrate revision --autogenerate` and `check`: plain "
    "create\n-- statements. It is applied to a shadow database only. `-- renamed_from: old` before "
    "a table or\n-- behind a column says that it is not a new one.\n";

Status make_folder(const fs::path& path, std::vector<fs::path>& made) {
  std::error_code error;
  if (fs::is_directory(path, error)) return {};
  fs::create_directories(path, error);
  if (error) return std::unexpected(file_error("make", path, error.value()));
  made.push_back(path);
  return {};
}

}  // namespace

Result<std::vector<fs::path>> make_migration_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return fail(ErrorCode::kConflict,
                fmt::format("Directory {} already exists and is not empty", folder.string()));
  }
  std::vector<fs::path> made;
  KATIP_TRY(make_folder(folder, made));
  KATIP_TRY(make_folder(folder / "versions", made));
  const auto add = [&](std::string_view name, std::string_view text) -> Status {
    made.push_back(folder / name);
    return write_file_atomically(made.back(), text);
  };
  KATIP_TRY(add("script.sql.tmpl", migrate::default_script_template()));
  KATIP_TRY(add(migrate::schema_file_name(Dialect::kSqlite), kSchema));
  KATIP_TRY(add(migrate::schema_file_name(Dialect::kPostgres), kSchema));
  KATIP_TRY(add("README.md", kReadme));
  return made;
}

}  // namespace katip::store
