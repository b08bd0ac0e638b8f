#include <fmt/format.h>

#include "store/migrate/compare/emit.h"
#include "store/migrate/files/sql_words.h"

/// Tested by schema_comparison_test.cc.
namespace katip::store::migrate {
namespace {

std::string string_of(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

bool is_json(const std::string& type) { return type == "json" || type == "jsonb"; }
bool is_number(const std::string& type) {
  return type == "bigint" || type == "smallint" || type == "real" || type == "double precision" ||
         type.starts_with("numeric");
}

/// PostgreSQL has no cast between some types that people change into each other.
std::string cast_of(const std::string& column, const std::string& from, const std::string& to) {
  if (is_json(from) || is_json(to)) return fmt::format("{}::text::{}", column, to);
  if (to == "boolean" && is_number(from)) return fmt::format("({} <> 0)", column);
  if (from == "boolean" && is_number(to)) return fmt::format("{}::integer::{}", column, to);
  return fmt::format("{}::{}", column, to);
}

/// smallserial, serial or bigserial: a column, its sequence and the default at once.
std::string serial_type(const std::string& type) {
  if (type == "bigint") return "bigserial";
  return type == "smallint" ? "smallserial" : "serial";
}

/// The clauses behind `alter table t`.
class ColumnAlterer {
 public:
  ColumnAlterer(const std::string& table, const Column& from, const Column& to)
      : table_(table), from_(from), to_(to) {}

  std::string run() {
    if (from_.is_serial && !to_.is_serial) drop_sequence();
    if (!from_.identity.empty() && to_.identity.empty()) add("drop identity");
    alter_generated();
    alter_type();
    if (from_.is_not_null != to_.is_not_null) {
      add(to_.is_not_null ? "set not null" : "drop not null");
    }
    if (!to_.is_serial && (from_.default_value != to_.default_value || default_is_gone_)) {
      if (!to_.default_value.empty()) {
        add("set default " + to_.default_value);
      } else if (!default_is_gone_) {
        add("drop default");
      }
    }
    alter_identity();
    if (!from_.is_serial && to_.is_serial) add_sequence();
    if (from_.comment != to_.comment) {
      sql_ += fmt::format("comment on column {}.{} is {};\n", table_, quoted_name(to_.name),
                          to_.comment.empty() ? "null" : string_of(to_.comment));
    }
    return std::move(sql_);
  }

 private:
  void add(std::string_view clause) {
    sql_ +=
        fmt::format("alter table {} alter column {} {};\n", table_, quoted_name(to_.name), clause);
  }

  [[nodiscard]] std::string sequence() const {
    const SqlWords words = words_of(table_, Dialect::kPostgres).value_or(SqlWords());
    return quoted_name(fmt::format("{}_{}_seq", words.empty() ? table_ : words[0].text, to_.name));
  }
  void drop_sequence() {
    add("drop default");
    sql_ += fmt::format("drop sequence if exists {};\n", sequence());
    default_is_gone_ = true;
  }
  void add_sequence() {
    sql_ += fmt::format("create sequence {} owned by {}.{};\n", sequence(), table_,
                        quoted_name(to_.name));
    sql_ +=
        fmt::format("select setval({}, coalesce(max({}), 1), max({}) is not null) from {};\n",
                    string_of(sequence()), quoted_name(to_.name), quoted_name(to_.name), table_);
    add(fmt::format("set default nextval({})", string_of(sequence())));
  }

  void alter_generated() {
    if (!from_.generated.empty() && to_.generated.empty()) add("drop expression");
  }

  void alter_type() {
    if (from_.type == to_.type && from_.collation == to_.collation) return;
    // The old default may have no meaning in the new type.
    if (!from_.default_value.empty() && from_.type != to_.type) {
      add("drop default");
      default_is_gone_ = true;
    }
    const std::string name = quoted_name(to_.name);
    const std::string collation = to_.collation.empty() ? "" : " collate " + to_.collation;
    add(fmt::format("type {}{} using {}", to_.type, collation,
                    cast_of(name, from_.type, to_.type)));
  }

  void alter_identity() {
    if (to_.identity.empty() || from_.identity == to_.identity) return;
    add(from_.identity.empty() ? fmt::format("add generated {} as identity", to_.identity)
                               : fmt::format("set generated {}", to_.identity));
  }

  const std::string& table_;
  const Column& from_;
  const Column& to_;
  std::string sql_;
  bool default_is_gone_ = false;
};

}  // namespace

std::string column_sql(const Column& column) {
  std::string sql =
      quoted_name(column.name) + " " + (column.is_serial ? serial_type(column.type) : column.type);
  if (!column.collation.empty()) sql += " collate " + column.collation;
  if (!column.identity.empty()) sql += fmt::format(" generated {} as identity", column.identity);
  if (!column.generated.empty()) {
    const std::size_t space = column.generated.rfind(' ');
    sql += fmt::format(" generated always as ({}){}", column.generated.substr(0, space),
                       column.generated.substr(space));
  }
  if (!column.default_value.empty()) sql += " default " + column.default_value;
  if (column.is_not_null) sql += " not null";
  return sql;
}

std::string alter_column_sql(const std::string& table, const Column& from, const Column& to) {
  return ColumnAlterer(table, from, to).run();
}

std::string create_table_sql(const Table& table) {
  std::string sql = fmt::format("create table {} (", quoted_name(table.name));
  std::string_view separator = "\n  ";
  for (const Column& column : table.columns) {
    sql += std::string(separator) + column_sql(column);
    separator = ",\n  ";
  }
  for (const Constraint& constraint : table.constraints) {
    if (constraint.kind == ConstraintKind::kForeign) continue;  // Its table may not be there yet.
    sql += fmt::format("{}constraint {} {}", separator, quoted_name(constraint.name),
                       constraint.definition);
  }
  sql += "\n);\n";
  if (!table.comment.empty()) {
    sql += fmt::format("comment on table {} is {};\n", quoted_name(table.name),
                       string_of(table.comment));
  }
  for (const Column& column : table.columns) {
    if (column.comment.empty()) continue;
    sql += fmt::format("comment on column {}.{} is {};\n", quoted_name(table.name),
                       quoted_name(column.name), string_of(column.comment));
  }
  for (const Definition& index : table.indexes) sql += index.to_run() + ";\n";
  return sql;
}

}  // namespace katip::store::migrate
