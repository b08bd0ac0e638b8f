#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "engine/features/fft_tables.h"
#include "engine/features/mel_filters.h"
#include "engine/features/mel_kernels.h"
#include "engine/graph/caches.h"
#include "engine/kernels/cpu.h"
#include "engine/kernels/cross_attention.h"
#include "engine/kernels/encoder_attention.h"
#include "engine/kernels/logits.h"
#include "engine/kernels/self_attention.h"
#include "engine/voice/vad_kernels.h"

using namespace katip::engine;

/// Each kernel of this machine against the scalar one, on numbers made of the input's bytes.
namespace {

// Activations of a trained model stay far below this.
constexpr float kValueMax = 16.0f;

/// Endless numbers in [-kValueMax, kValueMax], on a grid of 1/8: the bytes again and again, each
/// time moved a little, so that a short input still fills a matrix with different rows.
class Numbers {
 public:
  explicit Numbers(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  float next() {
    const std::size_t round = at_ / bytes_.size();
    const auto byte = static_cast<std::uint8_t>(bytes_[at_ % bytes_.size()] + 37 * round);
    ++at_;
    return static_cast<float>(static_cast<std::int8_t>(byte)) * (kValueMax / 128.0f);
  }
  std::vector<float> take(std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = next();
    return values;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

void check(const char* kernel, std::span<const float> actual, std::span<const float> expected,
           float tolerance) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::abs(actual[i] - expected[i]) <= tolerance) continue;  // not a number is not near
    std::fprintf(stderr, "%s: element %zu is %g instead of %g\n", kernel, i,
                 static_cast<double>(actual[i]), static_cast<double>(expected[i]));
    std::abort();
  }
}

std::vector<float> run(const EncoderAttentionKernel& kernel, const std::vector<float>& qkv,
                       std::size_t frame_count) {
  const EncoderAttentionShape shape = {frame_count, kHeadSize, 0};
  std::vector<float> output(frame_count * kHeadSize, NAN);
  const AlignedBytes packed = allocate_aligned(kernel.packed_size(frame_count));
  const AlignedBytes scratch = allocate_aligned(kernel.scratch_size(frame_count));
  kernel.pack(shape, qkv.data(), packed.get());
  kernel.attend(shape, qkv.data(), packed.get(), 0, frame_count, scratch.get(), output.data());
  return output;
}

// The AVX-512 kernel multiplies in bf16. A score is a sum of 64 products of up to 16 * 16, so it
// may be off by some units and choose another frame: only what no rounding can do is refused, a
// value outside the range of the values.
void check_encoder_attention(Numbers& numbers, std::size_t frame_count) {
  const std::vector<float> qkv = numbers.take(frame_count * 3 * kHeadSize);
  const std::vector<float> expected = run(encoder_attention_scalar(), qkv, frame_count);
  if (detect_cpu() >= Cpu::kAvx2) {
    check("encoder attention avx2", run(encoder_attention_avx2(), qkv, frame_count), expected,
          2e-3f);
  }
  if (detect_cpu() >= Cpu::kAvx512) {
    for (const float value : run(encoder_attention_avx512(), qkv, frame_count)) {
      if (!(std::abs(value) <= kValueMax * 1.02f)) std::abort();
    }
    // Small queries make small scores, where bf16 keeps two digits.
    std::vector<float> mild = qkv;
    for (float& value : mild) value *= 1.0f / 16.0f;
    check("encoder attention avx512", run(encoder_attention_avx512(), mild, frame_count),
          run(encoder_attention_scalar(), mild, frame_count), 0.05f);
  }
}

std::vector<float> run(const CrossAttentionKernel& kernel, const std::vector<float>& key_value,
                       std::size_t frame_count, const std::vector<float>& queries) {
  const std::size_t row_count = queries.size() / kHeadSize;
  const AlignedBytes packed = allocate_aligned(kernel.packed_size(frame_count));
  kernel.pack(key_value.data(), frame_count, kHeadSize, 0, packed.get());
  std::vector<float> output(queries.size(), NAN);
  std::vector<CrossRow> rows;
  for (std::size_t row = 0; row < row_count; ++row) {
    rows.push_back(
        {.query = queries.data() + row * kHeadSize, .output = output.data() + row * kHeadSize});
  }
  kernel.attend(packed.get(), frame_count, rows);
  return output;
}

// The sums are of whole numbers and exact; the tolerance is for the softmax.
void check_cross_attention(Numbers& numbers, std::size_t frame_count, std::size_t row_count) {
  const std::vector<float> key_value = numbers.take(frame_count * 2 * kHeadSize);
  const std::vector<float> queries = numbers.take(row_count * kHeadSize);
  const auto expected = run(cross_attention_int8_scalar(), key_value, frame_count, queries);
  if (detect_cpu() >= Cpu::kAvx2) {
    check("cross attention avx2", run(cross_attention_int8_avx2(), key_value, frame_count, queries),
          expected, 5e-3f);
  }
  if (detect_cpu() >= Cpu::kAvx512) {
    check("cross attention avx512",
          run(cross_attention_int8_avx512(), key_value, frame_count, queries), expected, 5e-3f);
  }
}

std::vector<float> run(const SelfAttentionKernel& kernel, const std::vector<float>& key_value,
                       const std::vector<float>& query) {
  const std::size_t token_count = key_value.size() / (2 * kHeadSize);
  const std::size_t token_size = 2 * kHeadSize * kernel.element_size;
  std::vector<std::byte> places(token_count * token_size);
  std::vector<std::byte*> past;
  for (std::size_t token = 0; token < token_count; ++token) {
    past.push_back(places.data() + token * token_size);
    kernel.store(key_value.data() + token * 2 * kHeadSize, 2 * kHeadSize, past.back());
  }
  std::vector<float> output(kHeadSize, NAN);
  kernel.attend({.query = query.data(),
                 .output = output.data(),
                 .tokens = past,
                 .value_offset = kHeadSize * kernel.element_size});
  return output;
}

// The grid of the numbers is exact in half floats, so only the order of the sums differs.
void check_self_attention(Numbers& numbers, std::size_t token_count) {
  const std::vector<float> key_value = numbers.take(token_count * 2 * kHeadSize);
  const std::vector<float> query = numbers.take(kHeadSize);
  const auto expected = run(self_attention_float16_scalar(), key_value, query);
  check("self attention float32", run(self_attention_float32(), key_value, query), expected, 5e-3f);
  if (detect_cpu() >= Cpu::kAvx2) {
    check("self attention avx2", run(self_attention_float16_avx2(), key_value, query), expected,
          5e-3f);
  }
  if (detect_cpu() >= Cpu::kAvx512) {
    check("self attention avx512", run(self_attention_float16_avx512(), key_value, query), expected,
          5e-3f);
  }
}

void check_logits(const LogitKernel& kernel, std::span<const float> x) {
  std::array<TokenLogit, 6> expected;
  std::array<TokenLogit, 6> actual;
  const std::size_t count = logit_kernel_scalar().top(x, expected);
  if (kernel.top(x, actual) != count) std::abort();
  for (std::size_t i = 0; i < count; ++i) {
    if (actual[i].token != expected[i].token || actual[i].logit != expected[i].logit) std::abort();
  }
  if (count == 0) return;
  const float sum = logit_kernel_scalar().sum_exp(x, expected[0].logit);
  check("sum of logits", std::array{kernel.sum_exp(x, expected[0].logit)}, std::array{sum},
        1e-4f * sum);
}

// Powers far below the loudest drown in rounding, in every kernel: they are raised to what mel
// features clamp away anyway, eight decades below the peak.
std::vector<float> run(LogMelFrames kernel, const MelTables& tables,
                       const std::vector<float>& signal, int frame_count) {
  std::vector<float> logs(static_cast<std::size_t>(tables.mel_count * frame_count));
  kernel(tables, signal.data(), frame_count, logs.data(), static_cast<std::size_t>(frame_count));
  const float floor = *std::ranges::max_element(logs) - 8.0f;
  for (float& value : logs) value = std::max(value, floor);
  return logs;
}

void check_mel(Numbers& numbers, int frame_count) {
  static const FftTables fft({8, 5, 5});
  static const MelFilterBank bank(80);
  static const std::vector<float> window(kMelFft, 0.5f);
  const MelTables tables = {fft.plan(), window.data(), bank.filters().data(), 80};
  const int readable = (frame_count + kMelTileMax - 1) / kMelTileMax * kMelTileMax;
  std::vector<float> signal = numbers.take(static_cast<std::size_t>(readable * kMelHop + kMelFft));
  for (float& sample : signal) sample /= kValueMax;
  const auto expected = run(log_mel_frames_scalar, tables, signal, frame_count);
  // Cancellation leaves about 1e-13 of the peak's power, where a decade counts as one.
  if (detect_cpu() >= Cpu::kAvx2) {
    check("mel avx2", run(log_mel_frames_avx2, tables, signal, frame_count), expected, 1e-2f);
  }
  if (detect_cpu() >= Cpu::kAvx512) {
    check("mel avx512", run(log_mel_frames_avx512, tables, signal, frame_count), expected, 1e-2f);
  }
}

/// A voice activity network of the real shape with weights that keep signals at their size.
class RandomNetwork {
 public:
  RandomNetwork() {
    constexpr std::array<VadLayer, 4> kShapes = {{{kVadBins, 128, 3, 1, nullptr, nullptr},
                                                  {128, 64, 3, 2, nullptr, nullptr},
                                                  {64, 64, 3, 2, nullptr, nullptr},
                                                  {64, 128, 3, 1, nullptr, nullptr}}};
    for (std::size_t i = 0; i < kShapes.size(); ++i) tables_.encoder[i] = filled(kShapes[i]);
    tables_.gates = filled({kVadUnits, 4 * kVadUnits, 1, 1, nullptr, nullptr});
    tables_.recurrent = random(std::size_t{4} * kVadUnits * kVadUnits, kVadUnits);
    tables_.output = random(kVadUnits, kVadUnits);
    tables_.window = window_.data();
    tables_.fft = fft_.plan();
  }
  [[nodiscard]] const VadTables& tables() const { return tables_; }

 private:
  VadLayer filled(VadLayer shape) {
    const int fan_in = shape.input_count * shape.tap_count;
    shape.panels = random(static_cast<std::size_t>(fan_in * shape.output_count), fan_in);
    shape.bias = random(static_cast<std::size_t>(shape.output_count), fan_in);
    return shape;
  }
  const float* random(std::size_t count, int fan_in) {
    std::normal_distribution<float> normal(0.0f, 1.0f / std::sqrt(static_cast<float>(fan_in)));
    // An element of a list stays where it is.
    std::vector<float>& values = weights_.emplace_back(count);
    for (float& value : values) value = normal(engine_);
    return values.data();
  }

  std::mt19937 engine_{7};
  FftTables fft_{{8, 4, 4}};
  std::vector<float> window_ = std::vector<float>(kVadFft, 1.0f / 16.0f);
  std::list<std::vector<float>> weights_;
  VadTables tables_;
};

std::vector<float> run(VadFrames kernel, const VadTables& tables, const std::vector<float>& samples,
                       int frame_count) {
  static const auto workspace = std::make_unique<VadWorkspace>();
  VadMemory memory;
  std::vector<float> probabilities(static_cast<std::size_t>(frame_count));
  kernel(tables, samples.data(), frame_count, *workspace, memory, probabilities.data());
  return probabilities;
}

void check_vad(Numbers& numbers, int frame_count) {
  static const RandomNetwork network;
  const VadTables& tables = network.tables();
  std::vector<float> samples =
      numbers.take(static_cast<std::size_t>(kVadContext + kVadFrame * frame_count));
  for (float& sample : samples) sample /= kValueMax;
  const auto expected = run(vad_frames_scalar, tables, samples, frame_count);
  if (detect_cpu() >= Cpu::kAvx2) {
    check("vad avx2", run(vad_frames_avx2, tables, samples, frame_count), expected, 1e-3f);
  }
  if (detect_cpu() >= Cpu::kAvx512) {
    check("vad avx512", run(vad_frames_avx512, tables, samples, frame_count), expected, 1e-3f);
  }
}

}  // namespace

/// The first two bytes are lengths, the rest are the numbers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::size_t length = 1 + data[0];
  const std::size_t row_count = 1 + data[1] % kCrossRowsMax;
  Numbers numbers(std::span(data, size).subspan(2));
  check_encoder_attention(numbers, length);
  check_cross_attention(numbers, length, row_count);
  check_self_attention(numbers, length);
  std::vector<float> logits = numbers.take(length * 5);
  for (std::size_t i = 0; i < logits.size(); i += 7) logits[i] = -INFINITY;  // forbidden tokens
  if (detect_cpu() >= Cpu::kAvx2) check_logits(logit_kernel_avx2(), logits);
  if (detect_cpu() >= Cpu::kAvx512) check_logits(logit_kernel_avx512(), logits);
  check_mel(numbers, static_cast<int>(1 + length % 40));
  check_vad(numbers, static_cast<int>(1 + length % kVadTileMax));
  return 0;
}
