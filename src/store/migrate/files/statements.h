#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/database_url.h"

namespace katip::store::migrate {

/// One statement of a script, without its semicolon and without the comments before it.
struct Statement {
  std::string text;
  int line = 0;  ///< Where it begins, counted from 1 in the text that was split.
  /// `-- katip: no-transaction` stands before it, in it, or behind it on its last line.
  bool no_transaction = false;
  /// The rules of `-- katip: allow drop-table, rename-column`, placed in the same way: somebody
  /// looked at what lint says about this statement.
  std::vector<std::string> allowed = {};
  /// The columns of `-- katip: loses a, b`: what a table does not have any more after it was built
  /// anew, which its statements do not show.
  std::vector<std::string> lost = {};
};

/// Splits a script at the semicolons that end statements, and at no others: those in strings,
/// quoted names, comments, dollar quotes (PostgreSQL), bodies of triggers (SQLite), rules in
/// parentheses and `begin atomic … end` (PostgreSQL) belong to their statement.
///
/// Errors:  kInvalidArgument with the line where an unclosed string, quote, comment or body began,
///          or where a `-- katip:` comment asks for something unknown.
/// Threads: pure.
Result<std::vector<Statement>> split_statements(std::string_view script, Dialect dialect);

}  // namespace katip::store::migrate
