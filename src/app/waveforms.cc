#include "app/waveforms.h"

#include <algorithm>
#include <cmath>

#include "audio/audio_stream.h"

/// Tested by waveforms_test.cc and tests/e2e/test_web.py.
namespace katip::app {
namespace {

constexpr int kSampleRate = 16'000;

/// One of the few that decode at once, until it goes.
class DecoderSeat {
 public:
  DecoderSeat(Guarded<int>& taken, int count_max)
      : taken_(taken), has_seat_(taken.with_lock([&](int& count) {
          if (count >= count_max) return false;
          ++count;
          return true;
        })) {}
  ~DecoderSeat() {
    if (has_seat_) taken_.with_lock([](int& count) { --count; });
  }
  DecoderSeat(const DecoderSeat&) = delete;
  DecoderSeat& operator=(const DecoderSeat&) = delete;

  [[nodiscard]] bool has_seat() const { return has_seat_; }

 private:
  Guarded<int>& taken_;
  const bool has_seat_;
};

Result<Waveform> measure(const std::filesystem::path& path, std::stop_token stop) {
  audio::AudioStream audio = KATIP_TRY(audio::AudioStream::open(path, {.stop = std::move(stop)}));
  PeakMeter meter;
  std::vector<float> block(kSampleRate);
  while (const std::size_t count = KATIP_TRY(audio.read(block))) {
    meter.add(std::span(block).first(count));
  }
  return meter.finish();
}

}  // namespace

void PeakMeter::add(std::span<const float> samples) {
  for (const float sample : samples) {
    peak_ = std::max(peak_, std::abs(sample));
    if (++filled_ < kPartSize) continue;
    peaks_.push_back(static_cast<std::uint8_t>(std::lround(std::min(peak_, 1.0F) * 255)));
    peak_ = 0;
    filled_ = 0;
  }
}

Waveform PeakMeter::finish() const {
  std::vector<std::uint8_t> all = peaks_;
  if (filled_ > 0) {
    all.push_back(static_cast<std::uint8_t>(std::lround(std::min(peak_, 1.0F) * 255)));
  }
  const double sample_count = static_cast<double>(peaks_.size()) * kPartSize + filled_;
  const std::size_t fold = all.size() / kPeakCountMax + 1;
  Waveform waveform{
      .duration_s = sample_count / kSampleRate,
      .peaks_per_second = static_cast<double>(kSampleRate) / kPartSize / static_cast<double>(fold)};
  for (std::size_t i = 0; i < all.size(); i += fold) {
    const std::size_t end = std::min(i + fold, all.size());
    waveform.peaks.push_back(*std::max_element(all.begin() + static_cast<std::ptrdiff_t>(i),
                                               all.begin() + static_cast<std::ptrdiff_t>(end)));
  }
  return waveform;
}

Result<std::shared_ptr<const Waveform>> Waveforms::of(const Principal& principal,
                                                      std::string_view job_id,
                                                      std::stop_token stop) {
  const auto path = KATIP_TRY(jobs_.recording(principal, job_id, stop));
  // The file of a job never changes, and another one has another path.
  const std::string key = path.string();
  auto known = kept_.with_lock([&](auto& kept) {
    auto* found = kept.find(key);
    return found == nullptr ? std::shared_ptr<const Waveform>() : *found;
  });
  if (known) return known;
  const DecoderSeat seat(decoders_, kDecodersMax);
  if (!seat.has_seat()) {
    return fail(ErrorCode::kOverloaded, "other recordings are being measured; ask again");
  }
  auto measured = std::make_shared<const Waveform>(KATIP_TRY(measure(path, stop)));
  kept_.with_lock([&](auto& kept) {
    if (kept.find(key) == nullptr) kept.insert(key, measured);
  });
  return std::shared_ptr<const Waveform>(measured);
}

}  // namespace katip::app
