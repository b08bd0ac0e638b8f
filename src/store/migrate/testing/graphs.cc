#include "store/migrate/testing/graphs.h"

#include "base/assert.h"

namespace katip::store::migrate::testing {

RevisionFile revision(std::string id, std::vector<std::string> revises,
                      std::vector<std::string> depends_on, std::vector<std::string> labels) {
  RevisionFile file;
  file.path = id + ".sql";
  file.message = "message of " + id;
  file.id = std::move(id);
  file.revises = std::move(revises);
  file.depends_on = std::move(depends_on);
  file.branch_labels = std::move(labels);
  return file;
}

RevisionGraph graph_of(std::vector<RevisionFile> files) {
  auto graph = RevisionGraph::build(std::move(files));
  KATIP_ASSERT(graph.has_value());
  return std::move(graph).value();
}

}  // namespace katip::store::migrate::testing
