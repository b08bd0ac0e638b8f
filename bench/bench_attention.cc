// The attention kernels of one head on one thread, for each instruction set that this machine has.
// `GMAC_per_s`: multiplications with addition, 10^9 a second.
#include <array>
#include <memory>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/graph/caches.h"
#include "engine/kernels/cpu.h"
#include "engine/kernels/cross_attention.h"
#include "engine/kernels/encoder_attention.h"
#include "engine/kernels/self_attention.h"

namespace katip::engine {
namespace {

constexpr std::size_t kStateSize = 512;

std::vector<float> random_floats(std::size_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> numbers(count);
  for (float& number : numbers) number = normal(random);
  return numbers;
}

void report_products(benchmark::State& state, std::size_t products) {
  state.counters["GMAC_per_s"] = benchmark::Counter(
      static_cast<double>(products) * 1e-9 * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}

// Argument: frames of the window.
void encoder_attention(benchmark::State& state, Cpu cpu, const EncoderAttentionKernel& kernel) {
  if (detect_cpu() < cpu) {
    state.SkipWithError("this machine has not that instruction set");
    return;
  }
  const EncoderAttentionShape shape = {
      .frame_count = static_cast<std::size_t>(state.range(0)), .state_size = kStateSize, .head = 0};
  const std::vector<float> qkv = random_floats(shape.frame_count * 3 * kStateSize);
  std::vector<float> output(shape.frame_count * kStateSize);
  const AlignedBytes packed = allocate_aligned(kernel.packed_size(shape.frame_count));
  const AlignedBytes scratch = allocate_aligned(kernel.scratch_size(shape.frame_count));
  for ([[maybe_unused]] auto _ : state) {
    kernel.pack(shape, qkv.data(), packed.get());
    kernel.attend(shape, qkv.data(), packed.get(), 0, shape.frame_count, scratch.get(),
                  output.data());
    benchmark::DoNotOptimize(output.data());
  }
  report_products(state, 2 * shape.frame_count * shape.frame_count * kHeadSize);
}
BENCHMARK_CAPTURE(encoder_attention, scalar, Cpu::kScalar, encoder_attention_scalar())->Arg(500);
BENCHMARK_CAPTURE(encoder_attention, avx2, Cpu::kAvx2, encoder_attention_avx2())
    ->Arg(500)
    ->Arg(1500);
BENCHMARK_CAPTURE(encoder_attention, avx512, Cpu::kAvx512, encoder_attention_avx512())
    ->Arg(500)
    ->Arg(1500);

// Argument: rows of one window that are computed together.
void cross_attention(benchmark::State& state, Cpu cpu, const CrossAttentionKernel& kernel) {
  if (detect_cpu() < cpu) {
    state.SkipWithError("this machine has not that instruction set");
    return;
  }
  constexpr std::size_t kFrames = 1500;
  const auto row_count = static_cast<std::size_t>(state.range(0));
  const std::vector<float> key_value = random_floats(kFrames * 2 * kStateSize);
  const std::vector<float> queries = random_floats(row_count * kHeadSize);
  std::vector<float> output(row_count * kHeadSize);
  const AlignedBytes packed = allocate_aligned(kernel.packed_size(kFrames));
  kernel.pack(key_value.data(), kFrames, kStateSize, 0, packed.get());
  std::vector<CrossRow> rows(row_count);
  for (std::size_t row = 0; row < row_count; ++row) {
    rows[row] = {.query = queries.data() + row * kHeadSize,
                 .output = output.data() + row * kHeadSize,
                 .weights = nullptr};
  }
  for ([[maybe_unused]] auto _ : state) {
    kernel.attend(packed.get(), kFrames, rows);
    benchmark::DoNotOptimize(output.data());
  }
  report_products(state, 2 * kFrames * kHeadSize * row_count);
}
BENCHMARK_CAPTURE(cross_attention, float32, Cpu::kScalar, cross_attention_float32())
    ->Arg(1)
    ->Arg(5);
BENCHMARK_CAPTURE(cross_attention, avx2, Cpu::kAvx2, cross_attention_int8_avx2())->Arg(1)->Arg(5);
BENCHMARK_CAPTURE(cross_attention, avx512, Cpu::kAvx512, cross_attention_int8_avx512())
    ->Arg(1)
    ->Arg(5);

// Argument: tokens before and with the row.
void self_attention(benchmark::State& state, Cpu cpu, const SelfAttentionKernel& kernel) {
  if (detect_cpu() < cpu) {
    state.SkipWithError("this machine has not that instruction set");
    return;
  }
  const auto token_count = static_cast<std::size_t>(state.range(0));
  const std::size_t token_size = 2 * kHeadSize * kernel.element_size;
  const AlignedBytes places = allocate_aligned(token_count * token_size);
  const std::vector<float> floats = random_floats(2 * kHeadSize);
  std::vector<std::byte*> tokens;
  for (std::size_t token = 0; token < token_count; ++token) {
    tokens.push_back(places.get() + token * token_size);
    kernel.store(floats.data(), 2 * kHeadSize, tokens.back());
  }
  std::array<float, kHeadSize> output{};
  for ([[maybe_unused]] auto _ : state) {
    kernel.attend({.query = floats.data(),
                   .output = output.data(),
                   .tokens = tokens,
                   .head_offset = 0,
                   .value_offset = kHeadSize * kernel.element_size});
    benchmark::DoNotOptimize(output.data());
  }
  report_products(state, 2 * token_count * kHeadSize);
}
BENCHMARK_CAPTURE(self_attention, float32, Cpu::kScalar, self_attention_float32())->Arg(64);
BENCHMARK_CAPTURE(self_attention, avx2, Cpu::kAvx2, self_attention_float16_avx2())->Arg(64);
BENCHMARK_CAPTURE(self_attention, avx512, Cpu::kAvx512, self_attention_float16_avx512())->Arg(64);

}  // namespace
}  // namespace katip::engine
