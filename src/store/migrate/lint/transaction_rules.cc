#include "store/migrate/lint/transaction_rules.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "store/migrate/lint/alter_table_rules.h"

/// Tested by lint_test.cc.
namespace katip::store::migrate {
namespace {

using Action = std::span<const SqlWord>;

bool begins_with_any(const SqlWords& words, std::span<const std::string_view> keywords) {
  return std::ranges::any_of(keywords, [&](std::string_view k) { return has_at(words, 0, k); });
}

bool contains(Action words, std::string_view keywords) {
  return find_words(words, keywords) < words.size();
}

/// Whether it does the same when it runs once more.
bool can_run_again(const SqlWords& words) {
  constexpr std::array<std::string_view, 3> kCreates = {"create", "drop", "alter type"};
  return !begins_with_any(words, kCreates) || contains(words, "if not exists") ||
         contains(words, "if exists") || contains(words, "or replace");
}

/// An action for which everybody else has to leave the table alone.
bool locks_everybody_out(Action action) {
  if (action.empty()) return false;
  const bool is_about_constraint = action.size() > 1 && action[1].is("constraint");
  return action.front().is("add") || action.front().is("drop") || action.front().is("alter") ||
         (action.front().is("rename") && !is_about_constraint);
}

/// The table of an `alter table`, and its actions.
struct AlterTable {
  std::string table;
  std::vector<Action> actions;
};
AlterTable altered_by(const SqlWords& words) {
  if (!has_at(words, 0, "alter table")) return {};
  std::size_t at = 2;
  std::string table = take_table_name(words, at);
  return {.table = std::move(table), .actions = split_at_commas(std::span(words).subspan(at))};
}

std::string constraint_key(const std::string& table, const std::string& constraint) {
  return table + "." + constraint;
}

void check_validation(const SqlWords& words, const LintContext& context, const OnLintHit& on_hit) {
  const AlterTable altered = altered_by(words);
  for (const Action action : altered.actions) {
    if (!has_at(action, 0, "validate constraint") || action.size() < 3) continue;
    if (!context.unvalidated.contains(constraint_key(altered.table, action[2].text))) continue;
    on_hit({"validated-at-once",
            fmt::format("the lock of the statement that added {} is held until all rows are "
                        "checked: validate it in a later revision",
                        action[2].text)});
  }
}

void check_backfill(const SqlWords& words, const LintContext& context, const OnLintHit& on_hit) {
  const bool updates = has_at(words, 0, "update");
  if ((!updates && !has_at(words, 0, "delete from")) || context.locked.empty()) return;
  std::size_t at = updates ? 1 : 2;
  const std::string table = take_table_name(words, at);
  if (context.created.contains(table)) return;
  on_hit({"backfill-under-lock",
          fmt::format("{} was altered before in this transaction, so everybody waits for it until "
                      "all these rows are written: change them in a revision of their own",
                      *context.locked.begin())});
}

}  // namespace

void apply_transaction_rules(const Statement& statement, const SqlWords& words,
                             const LintContext& context, const OnLintHit& on_hit) {
  if (statement.no_transaction && !can_run_again(words)) {
    on_hit({"not-repeatable",
            "a migrator that is killed behind this statement runs it again, and fails: write if "
            "exists or if not exists"});
  }
  if (context.dialect != Dialect::kPostgres) return;
  check_validation(words, context, on_hit);
  check_backfill(words, context, on_hit);
}

void remember(const Statement& statement, const SqlWords& words, LintContext& context) {
  if (statement.no_transaction) {  // What ran before it is committed, and its locks are given back.
    context.locked.clear();
    context.unvalidated.clear();
    return;
  }
  const AlterTable altered = altered_by(words);
  if (altered.table.empty() || context.created.contains(altered.table)) return;
  for (const Action action : altered.actions) {
    if (locks_everybody_out(action)) context.locked.insert(altered.table);
    const bool adds = has_at(action, 0, "add constraint") && action.size() > 2;
    if (adds && contains(action, "not valid")) {
      context.unvalidated.insert(constraint_key(altered.table, action[2].text));
    }
  }
}

}  // namespace katip::store::migrate
