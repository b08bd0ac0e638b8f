#include "engine/decode/compression_ratio.h"

#include <algorithm>
#include <vector>

#include <zlib.h>

#include "base/assert.h"

// Tested by compression_ratio_test.cc.
namespace katip::engine {
namespace {

/// The text tokens, the newest first.
std::vector<int> newest_text(std::span<const int> tokens, int text_end) {
  std::vector<int> newest;
  newest.reserve(tokens.size());
  for (std::size_t i = tokens.size(); i-- > 0;) {
    if (tokens[i] < text_end) newest.push_back(tokens[i]);
  }
  return newest;
}

/// How many of the newest tokens equal the one `period` before them, without a gap.
std::size_t repeated_count(std::span<const int> newest, std::size_t period) {
  std::size_t count = 0;
  while (count + period < newest.size() && newest[count] == newest[count + period]) ++count;
  return count;
}

}  // namespace

double compression_ratio(std::string_view text) {
  if (text.empty()) return 0.0;
  uLongf compressed_size = compressBound(static_cast<uLong>(text.size()));
  std::vector<Bytef> compressed(compressed_size);
  // zlib takes bytes as unsigned char; the same memory, read only.
  const auto* bytes = reinterpret_cast<const Bytef*>(text.data());
  const int status = compress2(compressed.data(), &compressed_size, bytes,
                               static_cast<uLong>(text.size()), Z_DEFAULT_COMPRESSION);
  KATIP_ASSERT(status == Z_OK);  // the buffer has the size that zlib asked for
  return static_cast<double>(text.size()) / static_cast<double>(compressed_size);
}

std::optional<Loop> find_loop(std::span<const int> tokens, int text_end, const LoopLimits& limits) {
  if (tokens.size() <= limits.repeated_count_min) return std::nullopt;  // what most calls end at
  const std::vector<int> newest = newest_text(tokens, text_end);
  for (std::size_t period = 1; period <= limits.period_max && period < newest.size(); ++period) {
    const std::size_t repeated = repeated_count(newest, period);
    const std::size_t rounds = repeated / period + 1;
    if (repeated < limits.repeated_count_min || rounds < limits.round_count_min) continue;
    return Loop{
        .period = period, .text_begin = newest.size() - repeated - period, .round_count = rounds};
  }
  return std::nullopt;
}

}  // namespace katip::engine
