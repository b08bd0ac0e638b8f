#pragma once

#include <array>
#include <vector>

namespace katip::engine {

/// e^(-i angle): a factor of a Fourier transform.
struct Twiddle {
  float re = 1.0f;
  float im = 0.0f;
};

/// One pass of a Stockham transform: `group_count` groups of butterflies of one radix.
struct FftPass {
  int radix = 0;
  int group_count = 0;
  int stride = 0;
  const Twiddle* twiddles = nullptr;  ///< [group_count, radix - 1]
};

/// What a complex transform of one length needs, as plain pointers for the kernels.
///
/// Lifetime: points into the FftTables it came from.
struct FftPlan {
  int size = 0;
  int pass_count = 0;
  const FftPass* passes = nullptr;
  const Twiddle* split = nullptr;  ///< [size / 2]: factors of the real transform of twice the size.
};

/// Holds the factors of a complex transform whose size is the product of `radices` (4, 5 or 8).
///
/// Threads: immutable.
class FftTables {
 public:
  static constexpr int kPassCount = 3;

  explicit FftTables(const std::array<int, kPassCount>& radices);
  FftTables(const FftTables&) = delete;
  FftTables& operator=(const FftTables&) = delete;

  [[nodiscard]] FftPlan plan() const { return {size_, kPassCount, passes_.data(), split_.data()}; }

 private:
  int size_ = 1;
  std::array<FftPass, kPassCount> passes_;
  std::array<std::vector<Twiddle>, kPassCount> twiddles_;
  std::vector<Twiddle> split_;
};

}  // namespace katip::engine
