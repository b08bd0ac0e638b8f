#pragma once

#include "store/migrate/lint/rules.h"

namespace katip::store::migrate {

/// The rules for `alter table`, each of its actions by itself.
void apply_alter_table_rules(const SqlWords& words, const LintContext& context,
                             const OnLintHit& on_hit);

/// The name that begins at `at`, without its schema; moves `at` behind it.
std::string take_table_name(const SqlWords& words, std::size_t& at);

}  // namespace katip::store::migrate
