#include "engine/kernels/logits.h"

#include "engine/kernels/cpu.h"

namespace katip::engine {

const LogitKernel& logit_kernel() {
  switch (cpu()) {
    case Cpu::kScalar:
      return logit_kernel_scalar();
    case Cpu::kAvx2:
      return logit_kernel_avx2();
    case Cpu::kAvx512:
      return logit_kernel_avx512();
  }
  return logit_kernel_scalar();
}

}  // namespace katip::engine
