#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <stop_token>
#include <string>

#include <gtest/gtest.h>

#include "engine/engine.h"
#include "integration/testing.h"

namespace katip::integration {
namespace {

using engine::PcmReader;
using engine::Segment;

constexpr std::int64_t kSamplesPerMinute = 60 * 16'000;
constexpr std::int64_t kMinutes = 120;
constexpr std::int64_t kGrowthMax = 150 << 20;

class LongRecording : public EngineTest {};

// Bytes of this process that are in memory now.
std::int64_t resident_size() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6)) * 1024;
  }
  ADD_FAILURE() << "/proc/self/status has no VmRSS";
  return 0;
}

// The same recordings again and again, made as they are read: the test must not hold them itself.
PcmReader repeated(std::span<const float> pcm, std::int64_t sample_count) {
  return [=, at = std::int64_t{0}](std::span<float> out) mutable -> Result<std::size_t> {
    const auto offset = static_cast<std::size_t>(at) % pcm.size();
    const std::size_t count =
        std::min({out.size(), pcm.size() - offset, static_cast<std::size_t>(sample_count - at)});
    std::ranges::copy(pcm.subspan(offset, count), out.begin());
    at += static_cast<std::int64_t>(count);
    return count;
  };
}

TEST_F(LongRecording, TwoHoursFitIntoBoundedMemory) {
  KATIP_NEEDS_LIBRIVOX();
  const std::vector<float> pcm = joined(librivox(), 2500);
  std::int64_t after_first_minute = 0;
  std::int64_t peak = 0;
  std::int64_t last_start = 0;
  std::size_t wrong_order = 0;
  const auto heard = base().transcribe(
      repeated(pcm, kMinutes * kSamplesPerMinute), {.language = "en", .beam_size = 1},
      {.on_segment =
           [&](const Segment& segment) {
             wrong_order += segment.start_ms < last_start || segment.end_ms < segment.start_ms;
             last_start = segment.start_ms;
           },
       .on_progress =
           [&](std::int64_t done_ms) {
             if (done_ms < 60'000) return;
             const std::int64_t size = resident_size();
             if (after_first_minute == 0) after_first_minute = size;
             peak = std::max(peak, size);
           }},
      std::stop_token());
  ASSERT_TRUE(heard) << heard.error().message;
  EXPECT_EQ(heard->duration_ms, kMinutes * 60'000);
  EXPECT_EQ(wrong_order, 0u);
  EXPECT_GT(last_start, (kMinutes - 1) * 60'000) << "there is speech in the last minute";
  EXPECT_GT(heard->segments.size(), 120u);
  EXPECT_LT(peak - after_first_minute, kGrowthMax);
  std::cout << "resident: " << (after_first_minute >> 20) << " MiB after a minute, " << (peak >> 20)
            << " MiB at most, " << heard->segments.size() << " segments\n";
}

}  // namespace
}  // namespace katip::integration
