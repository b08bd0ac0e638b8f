#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "store/migrate/files/revision_file.h"

namespace katip::store::migrate::testing {

/// A folder of revisions and what is typed there, one command after the other: "upgrade", "head".
struct Scenario {
  std::vector<RevisionFile> files;  ///< In the order of their names.
  std::vector<std::vector<std::string>> commands;
};

/// Branches, merges, dependencies, labels, several bases, and now and then a cycle; targets of
/// every form, right and wrong. The same seed makes the same scenario.
Scenario random_scenario(std::uint64_t seed);

}  // namespace katip::store::migrate::testing
