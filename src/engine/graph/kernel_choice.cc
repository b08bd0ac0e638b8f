#include "engine/graph/kernel_choice.h"

namespace katip::engine {

const EncoderAttentionKernel& encoder_attention_kernel(Precision precision) {
  if (cpu() == Cpu::kScalar) return encoder_attention_scalar();
  // The AVX-512 kernel computes in bf16.
  if (cpu() == Cpu::kAvx2 || precision == Precision::kFloat32) return encoder_attention_avx2();
  return encoder_attention_avx512();
}

const CrossAttentionKernel& cross_attention_kernel(Precision precision) {
  if (precision == Precision::kFloat32) return cross_attention_float32();
  if (cpu() == Cpu::kScalar) return cross_attention_int8_scalar();
  return cpu() == Cpu::kAvx2 ? cross_attention_int8_avx2() : cross_attention_int8_avx512();
}

const SelfAttentionKernel& self_attention_kernel(Precision precision) {
  if (precision == Precision::kFloat32) return self_attention_float32();
  if (cpu() == Cpu::kScalar) return self_attention_float16_scalar();
  return cpu() == Cpu::kAvx2 ? self_attention_float16_avx2() : self_attention_float16_avx512();
}

}  // namespace katip::engine
