#pragma once

#include <string>
#include <vector>

namespace katip::store::migrate::testing {

enum class Verdict {
  kOk,
  kFailed,   ///< With an error that says why.
  kCrashed,  ///< Alembic only: an exception of Python's own, a bug.
};

/// What came of one command.
struct Outcome {
  Verdict verdict = Verdict::kOk;
  std::string message;
  std::vector<std::string> steps;   ///< In the order in which they ran.
  std::vector<std::string> output;  ///< Lines.
  std::vector<std::string> rows;    ///< Of the version table afterwards, sorted.
};

}  // namespace katip::store::migrate::testing
