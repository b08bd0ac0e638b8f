#include "store/testing/temporary_folder.h"

#include <cstdlib>
#include <system_error>

#include "base/assert.h"

namespace katip::store::testing {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "katip-store-XXXXXX").string();
  KATIP_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace katip::store::testing
