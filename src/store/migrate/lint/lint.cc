#include "store/migrate/lint/lint.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/suggestion.h"
#include "store/migrate/lint/rules.h"
#include "store/migrate/lint/transaction_rules.h"

/// Tested by lint_test.cc.
namespace katip::store::migrate {
namespace {

void check_allowed_names(const Statement& statement, const OnLintHit& on_hit) {
  std::vector<std::string> names;
  for (const LintRule& rule : lint_rules()) names.emplace_back(rule.name);
  for (const std::string& allowed : statement.allowed) {
    if (std::ranges::find(names, allowed) != names.end()) continue;
    on_hit({"unknown-rule",
            fmt::format("there is no rule {}.{}", allowed, did_you_mean(nearest(allowed, names)))});
  }
}

}  // namespace

Result<std::vector<LintFinding>> lint_revision(const RevisionFile& file, Direction direction,
                                               Dialect dialect) {
  const auto statements = KATIP_TRY(file.statements(direction, dialect));
  std::vector<SqlWords> all_words;
  LintContext context{.dialect = dialect};
  for (const Statement& statement : statements) {
    all_words.push_back(KATIP_TRY(words_of(statement.text, dialect)));
    context.replaced.insert(renamed_to(all_words.back()));
  }
  context.replaced.erase("");
  std::vector<LintFinding> findings;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    const OnLintHit on_hit = [&](LintHit hit) {
      if (std::ranges::find(statement.allowed, hit.rule) != statement.allowed.end()) return;
      findings.push_back({.path = file.path,
                          .line = statement.line,
                          .revision = file.id,
                          .rule = std::string(hit.rule),
                          .message = std::move(hit.message),
                          .loses_data = hit.loses_data});
    };
    apply_lint_rules(statement, all_words[i], context, on_hit);
    apply_transaction_rules(statement, all_words[i], context, on_hit);
    check_allowed_names(statement, on_hit);
    remember(statement, all_words[i], context);
    if (std::string table = created_table(all_words[i]); !table.empty()) {
      context.created.insert(std::move(table));
    }
  }
  return findings;
}

}  // namespace katip::store::migrate
