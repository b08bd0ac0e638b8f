#include "app/remote_engine/parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "base/atomic_file.h"

/// Tested by remote_transcriber_test.cc.
namespace katip::app {
namespace {

constexpr std::size_t kMillisecond = 16;
constexpr std::size_t kQuiet = 300 * kMillisecond;  ///< Length of the pause that is looked for.
constexpr std::size_t kStep = 20 * kMillisecond;
constexpr std::size_t kSizeMin = 200 * kMillisecond;
constexpr float kSilence = 1.0f / 32'768;  ///< Less is nothing in 16 bits.

void put(std::string& bytes, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xff);
}

std::string header(std::size_t sample_count) {
  const auto data_size = static_cast<std::uint32_t>(sample_count * 2);
  std::string bytes = "RIFF";
  put(bytes, 36 + data_size, 4);
  bytes += "WAVEfmt ";
  put(bytes, 16, 4);
  put(bytes, 1, 2);       // Plain samples.
  put(bytes, 1, 2);       // One channel.
  put(bytes, 16'000, 4);  // Samples a second,
  put(bytes, 32'000, 4);  // bytes a second,
  put(bytes, 2, 2);       // bytes a sample,
  put(bytes, 16, 2);      // bits a sample.
  bytes += "data";
  put(bytes, data_size, 4);
  return bytes;
}

}  // namespace

std::size_t cut_point(std::span<const float> pcm, std::size_t size_max) {
  if (pcm.size() <= size_max) return pcm.size();
  const std::size_t first = size_max - size_max / 4;
  std::size_t best = size_max / kMillisecond * kMillisecond;
  double best_energy = std::numeric_limits<double>::max();
  for (std::size_t begin = first; begin + kQuiet <= size_max; begin += kStep) {
    double energy = 0;
    for (const float sample : pcm.subspan(begin, kQuiet)) energy += double{sample} * sample;
    if (energy <= best_energy) {  // Of equal ones the last: fewer parts.
      best_energy = energy;
      best = (begin + kQuiet / 2) / kMillisecond * kMillisecond;
    }
  }
  return best;
}

bool is_silent(std::span<const float> pcm) {
  return std::ranges::all_of(pcm, [](float sample) { return std::abs(sample) < kSilence; });
}

Status write_wav(const std::filesystem::path& path, std::span<const float> pcm) {
  const std::size_t count = std::max(pcm.size(), kSizeMin);
  std::string bytes = header(count);
  bytes.reserve(bytes.size() + count * 2);
  for (std::size_t i = 0; i < count; ++i) {
    const float sample = i < pcm.size() ? std::clamp(pcm[i], -1.0f, 1.0f) : 0.0f;
    const auto value = static_cast<std::int16_t>(std::lrint(sample * 32'767.0f));
    put(bytes, static_cast<std::uint16_t>(value), 2);
  }
  AtomicFile file = KATIP_TRY(AtomicFile::create(path));
  KATIP_TRY(file.write(bytes));
  return file.commit();
}

}  // namespace katip::app
