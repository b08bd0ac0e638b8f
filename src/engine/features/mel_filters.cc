#include "engine/features/mel_filters.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace katip::engine {
namespace {

constexpr int kBinCount = 201;
constexpr double kBinHz = 40.0;
constexpr double kNyquistHz = 8000.0;

// The scale's two parts meet at 1 kHz = 15 mel; above, 27 mel are a factor of 6.4.
constexpr double kLinearHzPerMel = 200.0 / 3.0;
constexpr double kBreakHz = 1000.0;
constexpr double kBreakMel = kBreakHz / kLinearHzPerMel;

double log_step() { return std::log(6.4) / 27.0; }

double mel_to_hz(double mel) {
  if (mel < kBreakMel) return mel * kLinearHzPerMel;
  return kBreakHz * std::exp(log_step() * (mel - kBreakMel));
}

double hz_to_mel(double hz) {
  if (hz < kBreakHz) return hz / kLinearHzPerMel;
  return kBreakMel + std::log(hz / kBreakHz) / log_step();
}

}  // namespace

MelFilterBank::MelFilterBank(int mel_count) {
  const double mel_max = hz_to_mel(kNyquistHz);
  const auto edge_hz = [&](int index) { return mel_to_hz(mel_max * index / (mel_count + 1)); };
  std::vector<std::size_t> offsets;
  for (int mel = 0; mel < mel_count; ++mel) {
    const double low = edge_hz(mel);
    const double peak = edge_hz(mel + 1);
    const double high = edge_hz(mel + 2);
    MelFilter filter;
    offsets.push_back(weights_.size());
    for (int bin = 0; bin < kBinCount; ++bin) {
      const double hz = bin * kBinHz;
      const double triangle = std::min((hz - low) / (peak - low), (high - hz) / (high - peak));
      if (triangle <= 0.0) continue;
      if (filter.bin_count == 0) filter.first_bin = bin;
      ++filter.bin_count;
      weights_.push_back(static_cast<float>(triangle * 2.0 / (high - low)));
    }
    filters_.push_back(filter);
  }
  // Only now does the vector of weights stay where it is.
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    filters_[i].weights = weights_.data() + offsets[i];
  }
}

}  // namespace katip::engine
