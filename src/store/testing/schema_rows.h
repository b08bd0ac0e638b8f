#pragma once

#include <string>
#include <utility>
#include <vector>

#include "store/value.h"

/// Rows for tests of the schema: one good row for each table, and what is wrong with others.
namespace katip::store::testing {

struct SchemaRow {
  std::string table;
  std::vector<std::pair<std::string, Value>> values;
};

/// How an error names what was wrong.
enum class Says {
  kConstraint,  ///< The name of the constraint.
  kAnything,    ///< PostgreSQL refuses it for its type, before any constraint is looked at.
};

/// The good row of `table` with `changes` is refused.
struct Refusal {
  std::string table;
  std::string constraint;
  std::vector<std::pair<std::string, Value>> changes;
  Says says = Says::kConstraint;
};

/// One good row for each table, parents first. The queue has its own tests.
const std::vector<SchemaRow>& sample_rows();

/// At least one for each constraint of these tables.
const std::vector<Refusal>& refusals();

}  // namespace katip::store::testing
