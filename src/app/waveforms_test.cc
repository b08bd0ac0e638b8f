#include "app/waveforms.h"

#include <gmock/gmock.h>

namespace katip::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Waveform measured(const std::vector<float>& samples, std::size_t block_size) {
  PeakMeter meter;
  for (std::size_t i = 0; i < samples.size(); i += block_size) {
    meter.add(std::span(samples).subspan(i, std::min(block_size, samples.size() - i)));
  }
  return meter.finish();
}

TEST(PeakMeter, NothingHasNoPeaks) {
  const Waveform waveform = PeakMeter().finish();
  EXPECT_THAT(waveform.peaks, IsEmpty());
  EXPECT_EQ(waveform.duration_s, 0);
}

TEST(PeakMeter, EachPartHasItsLoudestSampleHoweverItCame) {
  std::vector<float> samples(2 * PeakMeter::kPartSize + 10);
  samples[3] = 0.5F;
  samples[PeakMeter::kPartSize + 7] = -1;
  samples.back() = 0.2F;
  for (const std::size_t block_size : {1U, 7U, 320U, 1'000U}) {
    const Waveform waveform = measured(samples, block_size);
    EXPECT_THAT(waveform.peaks, ElementsAre(128, 255, 51)) << block_size;
    EXPECT_EQ(waveform.peaks_per_second, 50);
    EXPECT_DOUBLE_EQ(waveform.duration_s, 650.0 / 16'000);
  }
}

TEST(PeakMeter, WhatIsLouderThanFullScaleIsFullScale) {
  EXPECT_THAT(measured({3}, 1).peaks, ElementsAre(255));
}

TEST(PeakMeter, LongRecordingsGetFewerPeaksAndLoseNoLoudOne) {
  const std::size_t part_count = PeakMeter::kPeakCountMax * 2 + 5;
  std::vector<float> part(PeakMeter::kPartSize);
  PeakMeter meter;
  for (std::size_t i = 0; i < part_count; ++i) {
    part[0] = i == 100'001 ? 1.0F : 0.0F;
    meter.add(part);
  }
  const Waveform waveform = meter.finish();
  EXPECT_LE(waveform.peaks.size(), PeakMeter::kPeakCountMax);
  EXPECT_NEAR(waveform.peaks_per_second, 50.0 / 3, 1e-9);
  EXPECT_EQ(waveform.peaks[100'001 / 3], 255);
  EXPECT_NEAR(static_cast<double>(waveform.peaks.size()) / waveform.peaks_per_second,
              waveform.duration_s, 0.1);
}

}  // namespace
}  // namespace katip::app
