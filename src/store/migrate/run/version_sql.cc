#include "store/migrate/run/version_sql.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

/// Tested by offline_test.cc and runner_test.cc.
namespace katip::store::migrate {
namespace {

constexpr std::size_t kNameSizeMax = 63;  // PostgreSQL cuts longer names

bool is_plain(std::string_view name) {
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  return !name.empty() && name.size() <= kNameSizeMax &&
         std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::ranges::all_of(name, is_part);
}

/// The table without its schema.
std::string_view bare(std::string_view table) { return table.substr(table.rfind('.') + 1); }

}  // namespace

Status check_table_name(std::string_view name) {
  const std::size_t dot = name.find('.');
  const bool is_right = dot == name.npos
                            ? is_plain(name)
                            : is_plain(name.substr(0, dot)) && is_plain(name.substr(dot + 1));
  if (is_right) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' cannot be the version table: use letters, digits and '_', with a "
                          "schema and a dot in front if need be",
                          name));
}

std::string sql_string(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

std::string create_version_table_sql(std::string_view table) {
  return fmt::format(
      "CREATE TABLE {} (\n    version_num VARCHAR(32) NOT NULL, \n    CONSTRAINT {}_pkc PRIMARY "
      "KEY "
      "(version_num)\n)",
      table, bare(table));
}

std::string row_change_sql(std::string_view table, const RowChange& change) {
  switch (change.kind) {
    case RowChangeKind::kInsert:
      return fmt::format("INSERT INTO {} (version_num) VALUES ({})", table, sql_string(change.to));
    case RowChangeKind::kDelete:
      return fmt::format("DELETE FROM {} WHERE {}.version_num = {}", table, bare(table),
                         sql_string(change.from));
    case RowChangeKind::kUpdate:
      return fmt::format("UPDATE {} SET version_num={} WHERE {}.version_num = {}", table,
                         sql_string(change.to), bare(table), sql_string(change.from));
  }
  return {};
}

}  // namespace katip::store::migrate
