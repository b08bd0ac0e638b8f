#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "store/migrate/compare/renames.h"
#include "store/migrate/compare/sqlite_table.h"
#include "store/migrate/files/file_text.h"
#include "store/migrate/files/revision_file.h"
#include "store/migrate/files/sql_words.h"
#include "store/migrate/lint/lint.h"

using namespace katip::store;
using namespace katip::store::migrate;

namespace {

/// What is read from a file that was made of a revision is that revision.
void check_round_trip(const RevisionFile& file) {
  const auto text = fill_script_template(default_script_template(), file);
  if (!text) std::abort();
  const auto again = parse_revision_file(*text, "again.sql");
  if (again && (again->id != file.id || again->revises != file.revises)) std::abort();
}

}  // namespace

/// The text as a revision file, and as SQL of both dialects.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Dialect dialect : {Dialect::kSqlite, Dialect::kPostgres}) {
    const auto statements = split_statements(text, dialect);
    std::size_t total = 0;
    for (const Statement& statement : statements.value_or(std::vector<Statement>())) {
      total += statement.text.size();
    }
    if (total > size) std::abort();
    static_cast<void>(words_of(text, dialect));
    static_cast<void>(renames_of(text, dialect));
  }
  static_cast<void>(parse_sqlite_table(text));
  const auto file = parse_revision_file(text, "fuzz.sql");
  if (!file) return 0;
  for (const Direction direction : {Direction::kUpgrade, Direction::kDowngrade}) {
    for (const Dialect dialect : {Dialect::kSqlite, Dialect::kPostgres}) {
      if (!lint_revision(*file, direction, dialect)) std::abort();
    }
  }
  check_round_trip(*file);
  return 0;
}
