#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "store/migrate/testing/outcome.h"
#include "store/migrate/testing/random_history.h"

namespace katip::store::migrate::testing {

/// Alembic itself, of the version in tools/versions.env, in a virtual environment of Python beside
/// the test program. pip installs it on the first use.
///
/// Threads: one thread.
class RealAlembic {
 public:
  /// Errors: kUnavailable saying what is missing: Python, or an index for pip.
  static Result<RealAlembic> install();

  /// Runs the scenarios, each on a new SQLite database in `folder`; one outcome for each command.
  Result<std::vector<std::vector<Outcome>>> run(const std::vector<Scenario>& scenarios,
                                                const std::filesystem::path& folder) const;

 private:
  explicit RealAlembic(std::filesystem::path python) : python_(std::move(python)) {}
  std::filesystem::path python_;
};

}  // namespace katip::store::migrate::testing
