#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"

/// What a schema consists of, with every expression as the database itself writes it (PostgreSQL)
/// or with all freedom of writing taken out (SQLite, whose catalog is the text of its statements).
/// Two schemas are equal when these are.
namespace katip::store::migrate {

struct Column {
  std::string name;
  std::string type;
  bool is_not_null = false;
  std::string default_value;  ///< An expression; empty: none.
  std::string generated;      ///< "(a + 1) stored"; empty: a plain column.
  std::string identity;       ///< "always" or "by default"; empty: none (PostgreSQL).
  bool is_serial = false;     ///< Its default is the next value of a sequence of its own.
  std::string collation;      ///< Empty: the usual one.
  std::string comment;
  friend bool operator==(const Column&, const Column&) = default;
};

enum class ConstraintKind { kPrimary, kUnique, kForeign, kCheck, kExclude };

struct Constraint {
  std::string name;  ///< Empty where SQLite has none.
  ConstraintKind kind = ConstraintKind::kCheck;
  std::string definition;  ///< "FOREIGN KEY (a) REFERENCES b(c)".
  friend bool operator==(const Constraint&, const Constraint&) = default;
};

/// A thing with a name and a statement that makes it: index, trigger, view, function.
struct Definition {
  std::string name;
  std::string sql;         ///< Compared.
  std::string create_sql;  ///< Run; empty: the same as `sql`.
  [[nodiscard]] const std::string& to_run() const { return create_sql.empty() ? sql : create_sql; }
  friend bool operator==(const Definition& a, const Definition& b) {
    return a.name == b.name && a.sql == b.sql;
  }
};

struct Table {
  std::string name;
  std::vector<Column> columns;  ///< Their order makes no difference.
  std::vector<Constraint> constraints;
  std::vector<Definition> indexes;  ///< But those that constraints made.
  std::vector<Definition> triggers;
  std::string options;  ///< "strict", "without rowid" (SQLite).
  std::string comment;
  std::string create_sql;  ///< SQLite only: the statement as it was written.

  [[nodiscard]] const Column* find_column(std::string_view column) const;
};

struct EnumType {
  std::string name;
  std::vector<std::string> labels;
};

struct Catalog {
  Dialect dialect = Dialect::kPostgres;
  std::map<std::string, Table, std::less<>> tables;
  std::map<std::string, EnumType, std::less<>> enums;
  /// In an order in which they can be made.
  std::vector<Definition> sequences;
  std::vector<Definition> functions;
  std::vector<Definition> views;  ///< Also virtual tables (SQLite).
};

/// Reads the catalog of the current schema. `left_out` are tables that do not count.
///
/// Errors: those of Connection.
Result<Catalog> read_catalog(Connection& connection, const std::vector<std::string>& left_out);
Result<Catalog> read_sqlite_catalog(Connection& connection);
Result<Catalog> read_postgres_catalog(Connection& connection);

}  // namespace katip::store::migrate
