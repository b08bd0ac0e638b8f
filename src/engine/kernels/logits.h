#pragma once

#include <cstddef>
#include <span>

/// What decoding asks of a row of logits.
///
/// Threads: pure functions.
namespace katip::engine {

struct TokenLogit {
  int token = -1;
  float logit = 0.0f;
};

struct LogitKernel {
  /// Sum of exp(x - peak); peak is the largest x, or anything not below it.
  float (*sum_exp)(std::span<const float> x, float peak);
  /// The largest values in falling order; among equals the smaller token first. Fills `out` as far
  /// as there are values above -infinity and returns how many.
  std::size_t (*top)(std::span<const float> x, std::span<TokenLogit> out);
};

const LogitKernel& logit_kernel_scalar();
const LogitKernel& logit_kernel_avx2();
const LogitKernel& logit_kernel_avx512();

/// The one for this machine.
const LogitKernel& logit_kernel();

}  // namespace katip::engine
