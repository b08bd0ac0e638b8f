#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace katip::jobs {

/// A message from anywhere as both databases keep it: at most `size_max` bytes of whole letters,
/// what is no UTF-8 replaced by "?", zero bytes left out.
///
/// Threads: pure.
std::string storable_text(std::string_view text, std::size_t size_max = 2'000);

}  // namespace katip::jobs
