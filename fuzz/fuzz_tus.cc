#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/wire/tus_headers.h"

using namespace katip::http;

/// Counts are never negative, names are never empty, and ids hold nothing that ends an address.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto count = tus_count(text); count && *count < 0) std::abort();
  if (const auto metadata = tus_metadata(text)) {
    for (const auto& [name, value] : *metadata) {
      if (name.empty() || name.contains(',')) std::abort();
    }
  }
  if (const auto checksum = tus_checksum(text); checksum && checksum->sum.empty()) std::abort();
  if (const auto concat = tus_concat(text)) {
    if (concat->part != TusPart::kFinal && !concat->ids.empty()) std::abort();
    for (const auto& id : concat->ids) {
      if (id.contains('/') || id.contains(' ')) std::abort();
    }
  }
  return 0;
}
