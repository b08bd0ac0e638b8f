#include "jobs/worker/memory.h"

#include <fstream>

#include <unistd.h>

/// Tested by worker_test.cc.
namespace katip::jobs {

std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return statm ? resident * sysconf(_SC_PAGESIZE) : 0;
}

}  // namespace katip::jobs
