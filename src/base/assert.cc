#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace katip {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "katip: assertion failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace katip
