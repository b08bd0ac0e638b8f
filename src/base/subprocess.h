#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace katip {

struct SubprocessResult {
  int exit_code = 0;   ///< 128 + signal when a signal ended it.
  std::string output;  ///< Standard output and error together; the last 64 KiB of it.
};

/// A variable of the environment: what must not stand among the arguments, which everybody sees.
struct SubprocessVariable {
  std::string name;
  std::string value;
};

/// Runs a program of the search path with exactly these arguments (no shell) and waits for its end.
/// Its standard input is empty; its environment is ours, with `variables` in the place of those of
/// the same name. On stop or time-out it and its children are ended.
///
/// Errors:  kNotFound when there is no such program, kTimeout, kCancelled, kInternal.
/// Threads: any; blocks.
Result<SubprocessResult> run_subprocess(const std::vector<std::string>& arguments,
                                        std::chrono::milliseconds time_max, std::stop_token stop,
                                        const std::vector<SubprocessVariable>& variables = {});

}  // namespace katip
