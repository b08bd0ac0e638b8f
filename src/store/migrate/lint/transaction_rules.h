#pragma once

#include "store/migrate/lint/rules.h"

namespace katip::store::migrate {

/// The rules about what happens together: a revision is one transaction, and its locks stay until
/// the end of that.
void apply_transaction_rules(const Statement& statement, const SqlWords& words,
                             const LintContext& context, const OnLintHit& on_hit);

/// What later statements of the revision have to know of this one.
void remember(const Statement& statement, const SqlWords& words, LintContext& context);

}  // namespace katip::store::migrate
