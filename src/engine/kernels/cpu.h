#pragma once

#include <string_view>

#include "base/result.h"

namespace katip::engine {

/// Which set of kernels runs. Each kernel has a file per value, compiled with that instruction set;
/// the scalar one is the oracle of the others.
enum class Cpu {
  kScalar,
  kAvx2,    ///< AVX2, FMA and F16C.
  kAvx512,  ///< AVX-512 F, BW, DQ, VL with VNNI and BF16.
};

std::string_view name(Cpu cpu);

/// The best that this machine has.
Cpu detect_cpu();

/// The one in use: detect_cpu(), or what force_cpu() said. Threads: any.
Cpu cpu();

/// Chooses by name for the rest of the process. Errors: kInvalidArgument for an unknown name,
/// kUnavailable when the machine lacks it.
Status force_cpu(std::string_view name);

}  // namespace katip::engine
