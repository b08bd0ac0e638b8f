#pragma once

#include <string>
#include <vector>

#include "store/migrate/graph/revision_graph.h"

/// Graphs for tests, written down shortly. Only tests include this.
namespace katip::store::migrate::testing {

/// A revision without SQL, in the order id, revises, depends_on, labels.
RevisionFile revision(std::string id, std::vector<std::string> revises = {},
                      std::vector<std::string> depends_on = {},
                      std::vector<std::string> labels = {});

/// A graph that must be right.
RevisionGraph graph_of(std::vector<RevisionFile> files);

}  // namespace katip::store::migrate::testing
