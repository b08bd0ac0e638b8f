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

/// Runs a program of the search path with exactly these arguments (no shell) and waits for its end.
/// Its standard input is empty. On stop or time-out it and its children are ended.
///
/// Errors:  kNotFound when there is no such program, kTimeout, kCancelled, kInternal.
/// Threads: any; blocks.
Result<SubprocessResult> run_subprocess(const std::vector<std::string>& arguments,
                                        std::chrono::milliseconds time_max, std::stop_token stop);

}  // namespace katip
