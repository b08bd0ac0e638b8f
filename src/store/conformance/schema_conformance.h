#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "store/conformance/conformance.h"
#include "store/migrate/graph/revision_graph.h"
#include "store/migrate/run/runner.h"
#include "store/testing/schema_rows.h"

namespace katip::store {

/// The revisions of migrations/, read from the source folder.
migrate::RevisionGraph own_revisions();

/// `insert into table (…) values (…)` of a good row with changes; a null takes a column away from
/// the row.
Result<Rows> insert_row(Connection& sql, const testing::SchemaRow& row,
                        const std::vector<std::pair<std::string, Value>>& changes = {});

/// Each test runs on a new database with the whole schema of katip.
class SchemaConformance : public Conformance {
 protected:
  void SetUp() override { use(testing::TestDatabase::create_at_head(GetParam())); }

  /// One row in every table.
  void fill() const {
    for (const testing::SchemaRow& row : testing::sample_rows()) must(insert_row(sql(), row));
  }
  std::int64_t count(const std::string& table) const {
    return must(must(sql().query("select count(*) from " + table))[0].get<std::int64_t>(0));
  }
};

}  // namespace katip::store
