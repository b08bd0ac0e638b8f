#include "store/queries.h"

#include "base/assert.h"
#include "base/trimmed.h"

/// Tested by queries_test.cc.
namespace katip::store {

namespace detail {
// Written by cmake/embed_sql_script.cmake: a text for each file, and null at the end.
extern const char* const k_sqlite_queries[];
extern const char* const k_postgres_queries[];
}  // namespace detail

namespace {

constexpr std::string_view kMarker = "-- name: ";

/// What stands before the next marker at the start of a line.
std::size_t end_of_block(std::string_view text) {
  const std::size_t next = text.find("\n-- name: ");
  return next == text.npos ? text.size() : next + 1;
}

std::string joined(const char* const* texts) {
  std::string all;
  for (; *texts != nullptr; ++texts) all += *texts;
  return all;
}

}  // namespace

Queries::Queries(std::string_view text) {
  text.remove_prefix(std::min(text.size(), text.find(kMarker)));
  while (!text.empty()) {
    const std::string_view block = text.substr(0, end_of_block(text));
    const std::size_t line_end = std::min(block.find('\n'), block.size());
    const std::string_view name = trimmed(block.substr(kMarker.size(), line_end - kMarker.size()));
    const bool is_new =
        statements_.emplace(std::string(name), std::string(trimmed(block.substr(line_end)))).second;
    KATIP_ASSERT(is_new);
    text.remove_prefix(block.size());
  }
}

const Queries& Queries::of(Dialect dialect) {
  static const Queries sqlite(joined(detail::k_sqlite_queries));
  static const Queries postgres(joined(detail::k_postgres_queries));
  return dialect == Dialect::kSqlite ? sqlite : postgres;
}

std::string_view Queries::get(std::string_view name) const {
  const auto found = statements_.find(name);
  KATIP_ASSERT(found != statements_.end());
  return found->second;
}

std::vector<std::string> Queries::names() const {
  std::vector<std::string> result;
  for (const auto& [name, statement] : statements_) {
    result.push_back(name);
  }
  return result;
}

Result<Rows> run_statement(Connection& sql, std::string_view name,
                           std::initializer_list<Value> parameters) {
  return sql.query(Queries::of(sql.dialect()).get(name), parameters);
}

}  // namespace katip::store
