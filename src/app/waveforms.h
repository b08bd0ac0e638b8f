#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "app/jobs.h"
#include "base/guarded.h"
#include "base/lru_map.h"

namespace katip::app {

/// How loud a recording is all along it, for drawing.
struct Waveform {
  double duration_s = 0;
  double peaks_per_second = 0;
  std::vector<std::uint8_t> peaks = {};  ///< The largest sample of each part; 255 is full scale.
};

/// Takes samples as they come and keeps their peaks, not the samples.
///
/// Units:   samples in [-1, 1] at 16 kHz, one channel.
/// Threads: one thread.
class PeakMeter {
 public:
  static constexpr int kPartSize = 320;                 ///< Samples: 50 peaks a second.
  static constexpr std::size_t kPeakCountMax = 60'000;  ///< Longer recordings get fewer a second.

  void add(std::span<const float> samples);
  [[nodiscard]] Waveform finish() const;

 private:
  std::vector<std::uint8_t> peaks_ = {};
  float peak_ = 0;
  int filled_ = 0;  ///< Samples in the part that has begun.
};

/// The waveforms of jobs. The recording is decoded when somebody looks at it first; what came out
/// is kept for those who look again.
///
/// Errors:   kNotFound for a job that is not there or not theirs, or has no recording (any more);
///           kOverloaded while others are decoded; those of audio::AudioStream.
/// Threads:  thread-safe.
/// Lifetime: jobs outlives it.
class Waveforms {
 public:
  explicit Waveforms(Jobs& jobs) : jobs_(jobs), kept_(kKeptMax) {}

  Result<std::shared_ptr<const Waveform>> of(const Principal& principal, std::string_view job_id,
                                             std::stop_token stop);

 private:
  static constexpr std::size_t kKeptMax = 200;  ///< At most 60 kB each.
  static constexpr int kDecodersMax = 2;

  Jobs& jobs_;
  Guarded<LruMap<std::shared_ptr<const Waveform>>> kept_;
  Guarded<int> decoders_{0};
};

}  // namespace katip::app
