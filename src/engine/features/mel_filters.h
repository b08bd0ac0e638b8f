#pragma once

#include <vector>

namespace katip::engine {

/// One triangular filter: weights for the spectrum's bins from first_bin on.
struct MelFilter {
  int first_bin = 0;
  int bin_count = 0;
  const float* weights = nullptr;
};

/// The filters of the Slaney mel scale (linear below 1 kHz, logarithmic above), each of unit area,
/// over the 201 bins of a 400-point spectrum at 16 kHz. Only the non-zero weights are kept.
///
/// Threads: immutable.
/// Source:  Slaney, "Auditory Toolbox" (1998); librosa.filters.mel, which Whisper's table is from.
class MelFilterBank {
 public:
  explicit MelFilterBank(int mel_count);
  MelFilterBank(const MelFilterBank&) = delete;
  MelFilterBank& operator=(const MelFilterBank&) = delete;

  [[nodiscard]] const std::vector<MelFilter>& filters() const { return filters_; }

 private:
  std::vector<float> weights_;
  std::vector<MelFilter> filters_;
};

}  // namespace katip::engine
