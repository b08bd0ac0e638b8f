#include "store/migrate/lint/alter_table_rules.h"

#include <array>

#include <fmt/format.h>

/// Tested by lint_test.cc.
namespace katip::store::migrate {
namespace {

using Action = std::span<const SqlWord>;

struct Altered {
  const std::string& table;
  Dialect dialect;
  const OnLintHit& on_hit;
};

bool contains(Action words, std::string_view keywords) {
  return find_words(words, keywords) < words.size();
}

/// Functions whose value differs for each row, so that the table is written anew.
bool has_volatile_call(Action words) {
  constexpr std::array<std::string_view, 6> kVolatile = {
      "random", "gen_random_uuid", "uuid_generate_v4", "clock_timestamp", "nextval", "timeofday"};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    for (const std::string_view name : kVolatile) {
      if (words[i].is(name) && words[i + 1].is("(")) return true;
    }
  }
  return false;
}

void check_new_column(const Altered& in, Action column) {
  const bool has_default = contains(column, "default");
  const bool is_generated = contains(column, "generated");
  if (contains(column, "not null") && !has_default && !is_generated) {
    in.on_hit({"required-column",
               "a column that is not null and has no default cannot be added to a table with rows: "
               "add it with a default, or add it nullable, fill it, then set not null"});
  }
  if (in.dialect != Dialect::kPostgres) return;
  const std::size_t at = find_words(column, "default");
  if (at < column.size() && has_volatile_call(column.subspan(at))) {
    in.on_hit({"volatile-default",
               "this default is computed for each row: the whole table is written anew under a "
               "lock; add the column without it, set the default, fill old rows in batches"});
  }
  if (contains(column, "stored") || contains(column, "serial") || contains(column, "bigserial")) {
    in.on_hit({"rewriting-column",
               "a stored generated or serial column writes the whole table anew under a lock"});
  }
  if (contains(column, "unique") || contains(column, "primary key")) {
    in.on_hit({"constraint-builds-index",
               "its index is built under a lock: add the column, create a unique index "
               "concurrently, then add the constraint using index"});
  }
}

void check_new_constraint(const Altered& in, Action constraint) {
  if (in.dialect != Dialect::kPostgres) return;
  const bool is_valid = !contains(constraint, "not valid");
  if (contains(constraint, "foreign key") && is_valid) {
    in.on_hit({"foreign-key-validated",
               "all rows of both tables are checked under a lock: add it not valid, and validate "
               "it in a later revision"});
  } else if (contains(constraint, "check") && is_valid) {
    in.on_hit({"check-validated",
               "all rows are checked under a lock: add it not valid, and validate it in a later "
               "revision"});
  } else if ((contains(constraint, "unique") || contains(constraint, "primary key") ||
              contains(constraint, "exclude")) &&
             !contains(constraint, "using index")) {
    in.on_hit({"constraint-builds-index",
               "its index is built under a lock: create a unique index concurrently first, then "
               "add the constraint using index"});
  }
}

bool begins_constraint(const SqlWord& word) {
  for (const std::string_view keyword :
       {"constraint", "foreign", "check", "unique", "primary", "exclude"}) {
    if (word.is(keyword)) return true;
  }
  return false;
}

void check_add(const Altered& in, Action rest) {
  if (!rest.empty() && begins_constraint(rest.front())) return check_new_constraint(in, rest);
  check_new_column(in, rest);
}

void check_drop(const Altered& in, Action rest) {
  if (rest.empty() || rest.front().is("constraint")) return;
  std::size_t at = rest.front().is("column") ? 1 : 0;
  if (has_at(rest, at, "if exists")) at += 2;
  const std::string column = at < rest.size() ? rest[at].text : "?";
  in.on_hit({"drop-column",
             fmt::format("the data of {}.{} is lost, and programs that still read it fail: deploy "
                         "those that do not first",
                         in.table, column),
             true});
}

void check_rename(const Altered& in, Action rest) {
  if (rest.empty() || rest.front().is("constraint")) return;
  if (rest.front().is("to")) {
    in.on_hit({"rename-table", fmt::format("programs that know {} by this name fail from here on: "
                                           "keep a view with the old name meanwhile",
                                           in.table)});
    return;
  }
  in.on_hit({"rename-column",
             fmt::format("programs that know this column of {} by its old name fail from here on",
                         in.table)});
}

void check_alter_column(const Altered& in, Action rest) {
  const std::size_t at = rest.empty() || !rest.front().is("column") ? 1 : 2;
  if (has_at(rest, at, "type") || has_at(rest, at, "set data type")) {
    in.on_hit({"change-type",
               fmt::format("the whole table {} may be written anew under a lock, and programs may "
                           "not expect the new type",
                           in.table)});
  }
  if (has_at(rest, at, "drop not null")) {
    in.on_hit({"drop-not-null",
               fmt::format("programs that read {} and count on a value fail once there is none: "
                           "deploy those that do not first",
                           in.table)});
  }
  if (has_at(rest, at, "set not null")) {
    in.on_hit({"set-not-null",
               "all rows are read under a lock: add a check (… is not null) not valid, validate "
               "it, then set not null"});
  }
}

}  // namespace

std::string take_table_name(const SqlWords& words, std::size_t& at) {
  if (has_at(words, at, "if not exists")) at += 3;
  if (has_at(words, at, "if exists")) at += 2;
  if (has_at(words, at, "only")) ++at;
  if (at >= words.size()) return {};
  std::string name = words[at++].text;
  while (at + 1 < words.size() && words[at].is(".")) {
    name = words[at + 1].text;
    at += 2;
  }
  return name;
}

void apply_alter_table_rules(const SqlWords& words, const LintContext& context,
                             const OnLintHit& on_hit) {
  std::size_t at = 2;
  const std::string table = take_table_name(words, at);
  if (context.created.contains(table)) return;
  const Altered in{.table = table, .dialect = context.dialect, .on_hit = on_hit};
  for (const Action action : split_at_commas(std::span(words).subspan(at))) {
    if (action.empty()) continue;
    Action rest = action.subspan(1);
    if (action.front().is("rename")) check_rename(in, rest);
    if (action.front().is("drop")) check_drop(in, rest);
    if (action.front().is("alter")) check_alter_column(in, rest);
    if (action.front().is("add")) {
      if (!rest.empty() && rest.front().is("column")) rest = rest.subspan(1);
      if (has_at(rest, 0, "if not exists")) rest = rest.subspan(3);
      check_add(in, rest);
    }
  }
}

}  // namespace katip::store::migrate
