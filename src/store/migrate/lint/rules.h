#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "store/database_url.h"
#include "store/migrate/files/sql_words.h"
#include "store/migrate/files/statements.h"

namespace katip::store::migrate {

/// What the rules know besides the statement.
struct LintContext {
  Dialect dialect = Dialect::kPostgres;
  std::set<std::string> created = {};   ///< Tables that this revision made before.
  std::set<std::string> replaced = {};  ///< Names that a later statement gives to another table.
  /// Tables that were there before and that the transaction has altered so that everybody waits.
  std::set<std::string> locked = {};
  std::set<std::string> unvalidated = {};  ///< "table.constraint": added by it as not valid.
};

struct LintHit {
  std::string_view rule;
  std::string message;
  bool loses_data = false;
};
using OnLintHit = std::function<void(LintHit)>;

/// Tells what is dangerous about one statement.
///
/// Source: the rules of Squawk and strong_migrations by their documentation, and of Atlas (DS, MF,
///         BC); those that a transaction or a shadow database of ours makes needless are left out.
void apply_lint_rules(const Statement& statement, const SqlWords& words, const LintContext& context,
                      const OnLintHit& on_hit);

/// The table that a `create table` makes; empty for other statements.
std::string created_table(const SqlWords& words);
/// The name that an `alter table … rename to` gives; empty for other statements.
std::string renamed_to(const SqlWords& words);

}  // namespace katip::store::migrate
