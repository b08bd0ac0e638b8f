#include "engine/features/fft_tables.h"

#include <cmath>
#include <cstddef>
#include <numbers>

#include "base/assert.h"

namespace katip::engine {
namespace {

// e^(-2 pi i numerator / denominator), computed in double: float tables would cost a decimal place.
Twiddle twiddle(int numerator, int denominator) {
  const double angle = -2.0 * std::numbers::pi * numerator / denominator;
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

}  // namespace

FftTables::FftTables(const std::array<int, kPassCount>& radices) {
  for (const int radix : radices) {
    KATIP_ASSERT(radix == 4 || radix == 5 || radix == 8);
    size_ *= radix;
  }
  int length = size_;
  int stride = 1;
  for (std::size_t i = 0; i < kPassCount; ++i) {
    const int radix = radices[i];
    const int group_count = length / radix;
    for (int group = 0; group < group_count; ++group) {
      for (int j = 1; j < radix; ++j) twiddles_[i].push_back(twiddle(group * j, length));
    }
    passes_[i] = {radix, group_count, stride, twiddles_[i].data()};
    length = group_count;
    stride *= radix;
  }
  for (int k = 0; k < size_ / 2; ++k) split_.push_back(twiddle(k, 2 * size_));
}

}  // namespace katip::engine
