#pragma once

#include "engine/engine.h"
#include "engine/kernels/cross_attention.h"
#include "engine/kernels/encoder_attention.h"
#include "engine/kernels/self_attention.h"

namespace katip::engine {

/// The kernel for this machine (or for the instruction set that force_cpu() named) and this
/// precision.
const EncoderAttentionKernel& encoder_attention_kernel(Precision precision);
const CrossAttentionKernel& cross_attention_kernel(Precision precision);
const SelfAttentionKernel& self_attention_kernel(Precision precision);

}  // namespace katip::engine
