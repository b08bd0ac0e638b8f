// How it works: the samples are padded as the reference pads them and cut into frames by a kernel
// (mel_lanes.h), which gives log10 power for every frame that touches a sample. Frames of nothing
// but padding are all the same and are filled in. The clamp to the window's maximum comes last.
// Tested by mel_test.cc: golden values, a direct transform in double, all kernels.
#include "engine/features/mel.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>

#include "base/assert.h"
#include "engine/features/fft_tables.h"
#include "engine/features/mel_filters.h"
#include "engine/features/mel_kernels.h"
#include "engine/kernels/cpu.h"

namespace katip::engine {
namespace {

constexpr int kPad = kMelFft / 2;
constexpr float kLogPowerMin = -10.0f;  // log10 of the floor of 1e-10
constexpr float kLogRange = 8.0f;

LogMelFrames kernel_for(Cpu isa) {
#if defined(__x86_64__)
  if (isa == Cpu::kAvx512) return log_mel_frames_avx512;
  if (isa == Cpu::kAvx2) return log_mel_frames_avx2;
#endif
  static_cast<void>(isa);
  return log_mel_frames_scalar;
}

std::vector<float> halved_hann_window() {
  std::vector<float> window(kMelFft);
  for (int i = 0; i < kMelFft; ++i) {
    const double hann = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * i / kMelFft);
    window[static_cast<std::size_t>(i)] = static_cast<float>(0.5 * hann);
  }
  return window;
}

bool all_finite(std::span<const float> pcm) {
  constexpr std::uint32_t kExponent = 0x7f800000U;
  // Without a branch, so that the compiler makes vectors of it.
  std::uint32_t bad = 0;
  for (const float sample : pcm) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(sample) & kExponent;
    bad |= static_cast<std::uint32_t>(bits == kExponent);
  }
  return bad == 0;
}

// The frames that touch a sample: frame f reads [160 f - 200, 160 f + 200), and the very last ones
// read the reflection of the end.
int active_frame_count(std::size_t sample_count, int frame_count) {
  if (sample_count == 0) return 0;
  const auto last_sample = static_cast<std::int64_t>(sample_count) - 1;
  return static_cast<int>(std::min<std::int64_t>(frame_count, (last_sample + kPad) / kMelHop + 1));
}

// [200 reflected samples][pcm][zeros or the reflected end] for `active` frames, and what the kernel
// may read beyond them.
std::vector<float> padded_signal(std::span<const float> pcm, int frame_count, int active) {
  const int tiled = (active + kMelTileMax - 1) / kMelTileMax * kMelTileMax;
  const auto size = static_cast<std::size_t>((tiled - 1) * kMelHop + kMelFft);
  std::vector<float> signal(std::max(size, pcm.size() + kPad), 0.0f);
  std::ranges::copy(pcm, signal.begin() + kPad);
  for (std::size_t i = 1; i <= kPad && i < pcm.size(); ++i) signal[kPad - i] = pcm[i];
  // Beyond the window the reference sees its end reflected: sample n + i is sample n - 2 - i.
  const std::size_t end = static_cast<std::size_t>(frame_count) * kMelHop;
  for (std::size_t i = 0; i < kPad && i + 2 <= end && kPad + end + i < signal.size(); ++i) {
    const std::size_t mirrored = end - 2 - i;
    if (mirrored < pcm.size()) signal[kPad + end + i] = pcm[mirrored];
  }
  return signal;
}

// (max(value, peak - 8) + 4) / 4 over the window, whose frames from `active` on hold silence.
void scale_to_peak(Mel& mel, int active) {
  const auto rows = static_cast<std::size_t>(mel.mel_count);
  const auto stride = static_cast<std::size_t>(mel.frame_count);
  const auto used = static_cast<std::size_t>(active);
  float peak = kLogPowerMin;
  for (std::size_t row = 0; row < rows; ++row) {
    for (const float value : std::span(mel.data).subspan(row * stride, used)) {
      peak = std::max(peak, value);
    }
  }
  const float floor = peak - kLogRange;
  const float silence = (std::max(kLogPowerMin, floor) + 4.0f) * 0.25f;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::span<float> values = std::span(mel.data).subspan(row * stride, stride);
    for (float& value : values.first(used)) value = (std::max(value, floor) + 4.0f) * 0.25f;
    std::ranges::fill(values.subspan(used), silence);
  }
}

}  // namespace

struct MelExtractor::Tables {
  explicit Tables(int mel_count) : filters(mel_count) {}

  [[nodiscard]] MelTables view() const {
    return {fft.plan(), window.data(), filters.filters().data(),
            static_cast<int>(filters.filters().size())};
  }

  FftTables fft{{8, 5, 5}};
  std::vector<float> window = halved_hann_window();
  MelFilterBank filters;
};

MelExtractor::MelExtractor(int mel_count) {
  KATIP_ASSERT(mel_count == 80 || mel_count == 128);
  tables_ = std::make_unique<const Tables>(mel_count);
}

MelExtractor::~MelExtractor() = default;
MelExtractor::MelExtractor(MelExtractor&&) noexcept = default;
MelExtractor& MelExtractor::operator=(MelExtractor&&) noexcept = default;

Result<Mel> MelExtractor::compute(std::span<const float> pcm, int frame_count) const {
  if (frame_count < 1 || pcm.size() > static_cast<std::size_t>(frame_count) * kMelHop) {
    return fail(ErrorCode::kInvalidArgument, "the window of " + std::to_string(frame_count) +
                                                 " frames cannot hold " +
                                                 std::to_string(pcm.size()) + " samples");
  }
  if (!all_finite(pcm)) {
    return fail(ErrorCode::kInvalidArgument, "the samples hold a value that is not a number");
  }
  const MelTables tables = tables_->view();
  const int active = active_frame_count(pcm.size(), frame_count);
  Mel mel{tables.mel_count, frame_count, {}};
  mel.data.resize(static_cast<std::size_t>(mel.mel_count) * static_cast<std::size_t>(frame_count));
  if (active > 0) {
    const std::vector<float> signal = padded_signal(pcm, frame_count, active);
    kernel_for(cpu())(tables, signal.data(), active, mel.data.data(),
                      static_cast<std::size_t>(frame_count));
  }
  scale_to_peak(mel, active);
  return mel;
}

}  // namespace katip::engine
