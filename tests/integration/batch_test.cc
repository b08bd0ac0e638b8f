#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <stop_token>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/guarded.h"
#include "engine/engine.h"
#include "integration/testing.h"

namespace katip::integration {
namespace {

using engine::Segment;
using engine::TranscribeObserver;
using engine::TranscribeOptions;
using engine::Transcription;
using engine::WordTimes;
using testing::HasSubstr;

class Batch : public EngineTest, public testing::WithParamInterface<int> {
 protected:
  static TranscribeOptions options() {
    return {.language = "en", .beam_size = GetParam(), .word_times = WordTimes::kOn};
  }
};

TEST_P(Batch, ARecordingGivesTheSameBitsAloneAndAmongOthers) {
  KATIP_NEEDS_LIBRIVOX();
  std::vector<Transcription> alone;
  for (const Recording& each : librivox()) {
    alone.push_back(transcribe(samples(each.path), options()));
  }
  // Three of each, so that equal and different windows share the batch.
  std::vector<Piece> pieces;
  for (int round = 0; round < 3; ++round) {
    for (const Recording& each : librivox()) pieces.push_back({samples(each.path), options()});
  }
  const auto together = transcribe_together(pieces);
  for (std::size_t i = 0; i < together.size(); ++i) {
    expect_same(together[i], alone[i % alone.size()]);
  }
}

// One call is stopped at its first segment, while eight others go on.
TEST_P(Batch, ACancelledCallEndsWithinASecondAndLeavesTheOthersAlone) {
  KATIP_NEEDS_LIBRIVOX();
  const std::vector<float>& other = samples(librivox()[0].path);
  const Transcription alone = transcribe(other, options());
  std::vector<float> endless;
  for (int round = 0; round < 20; ++round) {
    const std::vector<float> more = joined(librivox(), 1000);
    endless.insert(endless.end(), more.begin(), more.end());
  }
  std::vector<Transcription> others;
  std::jthread crowd(
      [&] { others = transcribe_together(std::vector<Piece>(8, {other, options()})); });

  std::stop_source stop;
  std::chrono::steady_clock::time_point asked;
  const TranscribeObserver observer{.on_segment = [&](const Segment&) {
    if (stop.request_stop()) asked = std::chrono::steady_clock::now();
  }};
  const auto cancelled =
      base().transcribe(reader_of(endless), options(), observer, stop.get_token());
  const auto waited = std::chrono::steady_clock::now() - asked;
  crowd.join();

  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, ErrorCode::kCancelled);
  EXPECT_LT(waited, std::chrono::seconds(1));
  for (const Transcription& each : others) expect_same(each, alone);
}

INSTANTIATE_TEST_SUITE_P(Beams, Batch, testing::Values(1, 5), [](const auto& test) {
  return test.param == 1 ? std::string("Greedy") : std::string("Beam5");
});

TEST_F(EngineTest, ACallThatWasStoppedBeforeItBeganReadsNothing) {
  std::stop_source stop;
  stop.request_stop();
  int reads = 0;
  const auto done = base().transcribe(
      [&](std::span<float>) -> Result<std::size_t> {
        ++reads;
        return std::size_t{0};
      },
      {}, {}, stop.get_token());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(reads, 0);
}

// Ten calls of a low priority are well under way when one of a high priority comes.
TEST_F(EngineTest, AHighPriorityGoesFirst) {
  KATIP_NEEDS_LIBRIVOX();
  constexpr int kLowCalls = 10;
  const std::vector<float> low = joined(librivox(), 1000);
  std::latch under_way(kLowCalls);
  std::atomic<int> low_done = 0;
  const auto count_down_once = [&under_way](std::span<const float> pcm) {
    return [&under_way, reader = reader_of(pcm), begun = false](std::span<float> out) mutable {
      if (!std::exchange(begun, true)) under_way.count_down();
      return reader(out);
    };
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < kLowCalls; ++i) {
    threads.emplace_back([&] {
      EXPECT_TRUE(base().transcribe(count_down_once(low), {.language = "en", .priority = -1}, {},
                                    std::stop_token()));
      ++low_done;
    });
  }
  under_way.wait();
  const auto high = base().transcribe(reader_of(samples(librivox()[1].path)),
                                      {.language = "en", .priority = 5}, {}, std::stop_token());
  const int done_before = low_done;
  EXPECT_TRUE(high);
  EXPECT_LE(done_before, 2) << "of " << kLowCalls << " calls that should have waited";
}

struct Refused {
  TranscribeOptions options;
  const char* named;
};

TEST_F(EngineTest, AWrongOptionIsNamed) {
  const std::vector<Refused> all = {
      {{.language = "klingon"}, "klingon"},
      {{.languages = {"en", "xx"}}, "xx"},
      {{.beam_size = 0}, "beam size"},
      {{.beam_size = 11}, "beam size"},
      {{.best_of = 0}, "best of"},
      {{.patience = 0.0f}, "patience"},
      {{.length_penalty = -1.0f}, "length penalty"},
      {{.temperatures = {}}, "temperatures"},
      {{.temperatures = {0.0f, -0.1f}}, "temperature"},
      {{.vad_threshold = 1.5f}, "VAD threshold"},
      {{.lexicon = {{.term = "Dashwood", .weight = 6.0f}}}, "Dashwood"},
  };
  for (const Refused& each : all) {
    const auto done = base().transcribe(reader_of({}), each.options, {}, std::stop_token());
    ASSERT_FALSE(done) << each.named;
    EXPECT_EQ(done.error().code, ErrorCode::kInvalidArgument) << each.named;
    EXPECT_THAT(done.error().message, HasSubstr(each.named));
  }
}

}  // namespace
}  // namespace katip::integration
