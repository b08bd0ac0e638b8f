#include <algorithm>
#include <ctime>
#include <iostream>
#include <iterator>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "integration/testing.h"

namespace katip::integration {
namespace {

using engine::Engine;
using engine::ResumePoint;
using engine::Segment;
using engine::TranscribeObserver;
using engine::TranscribeOptions;
using engine::Transcription;
using engine::Vad;
using engine::WindowDone;
using engine::WordTimes;

struct Case {
  std::string name;
  TranscribeOptions options;
};

class Resume : public EngineTest, public testing::WithParamInterface<Case> {
 protected:
  struct Run {
    Transcription whole;
    std::vector<WindowDone> windows;
  };

  static Run run_from(std::span<const float> pcm, const ResumePoint& from) {
    Run run;
    const TranscribeObserver observer{
        .on_window = [&run](const WindowDone& window) { run.windows.push_back(window); }};
    auto done =
        base().resume(reader_of(pcm), GetParam().options, from, observer, std::stop_token());
    if (done) {
      run.whole = *std::move(done);
    } else {
      ADD_FAILURE() << done.error().message;
    }
    return run;
  }
};

TEST_P(Resume, FinishedWindowsAndTheRestAreTheWholeToTheLastBit) {
  KATIP_NEEDS_LIBRIVOX();
  std::vector<float> pcm(5 * 16'000, 0.0f);
  for (const int pause_ms : {2'500, 7'000}) {
    const std::vector<float> more = joined(librivox(), pause_ms);
    pcm.insert(pcm.end(), more.begin(), more.end());
  }
  const Run full = run_from(pcm, {});
  ASSERT_GE(full.windows.size(), 3U);
  std::vector<Segment> finished;
  for (const WindowDone& last : full.windows) {
    std::ranges::copy(last.segments, std::back_inserter(finished));
    Run rest = run_from(pcm, last.next);
    Transcription all = rest.whole;
    all.segments.insert(all.segments.begin(), finished.begin(), finished.end());
    expect_same(all, full.whole);
    EXPECT_EQ(all.language, full.whole.language);
    EXPECT_EQ(all.language_probability, full.whole.language_probability);
    EXPECT_EQ(all.duration_ms, full.whole.duration_ms);
    EXPECT_EQ(all.speech_ms, full.whole.speech_ms);
    if (!rest.windows.empty()) {
      EXPECT_EQ(rest.windows.back().next, full.windows.back().next);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Options, Resume,
    testing::Values(
        Case{"Plain", {.language = "en", .beam_size = 1}},
        Case{"WordsAndDetectedLanguage", {.beam_size = 5, .word_times = WordTimes::kOn}},
        Case{"PromptedByThePreviousText",
             {.beam_size = 1, .initial_prompt = "A novel.", .condition_on_previous_text = true}},
        Case{"SamplingAtHighTemperature",
             {.language = "en", .best_of = 2, .temperatures = {0.8f}, .seed = 7}},
        Case{"WithoutVoiceActivity",
             {.language = "en", .beam_size = 1, .vad = Vad::kOff, .word_times = WordTimes::kOn}}),
    [](const auto& test) { return test.param.name; });

TEST_F(EngineTest, AnotherRecordingIsNotGoneOnWith) {
  KATIP_NEEDS_LIBRIVOX();
  ResumePoint point;
  const TranscribeObserver observer{
      .on_window = [&point](const WindowDone& window) { point = window.next; }};
  const TranscribeOptions options{.language = "en", .beam_size = 1};
  ASSERT_TRUE(base().transcribe(reader_of(samples(librivox()[0].path)), options, observer,
                                std::stop_token()));
  const auto other =
      base().resume(reader_of(samples(librivox()[1].path)), options, point, {}, std::stop_token());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kConflict);
}

// What going on costs before it gets anywhere: an hour that is read and cut, and not decoded.
TEST_F(EngineTest, AFinishedHourIsPassedOverInSeconds) {
  KATIP_NEEDS_LIBRIVOX();
  constexpr std::int64_t kHourMs = 3'600'000;
  const std::vector<float> pcm = joined(librivox(), 2'500);
  std::int64_t left = kHourMs * 16;
  const engine::PcmReader reader = [&](std::span<float> out) -> Result<std::size_t> {
    const auto offset = static_cast<std::size_t>(kHourMs * 16 - left) % pcm.size();
    const std::size_t count =
        std::min({out.size(), pcm.size() - offset, static_cast<std::size_t>(left)});
    std::ranges::copy(std::span(pcm).subspan(offset, count), out.begin());
    left -= static_cast<std::int64_t>(count);
    return count;
  };
  int window_count = 0;
  const TranscribeObserver observer{.on_progress = [&](std::int64_t) { ++window_count; }};
  Engine& engine = base();
  const std::clock_t begin = std::clock();  // CPU time, of all threads
  const auto done =
      engine.resume(reader, {.language = "en"}, {.window_count = 1'000'000, .language = "en"},
                    observer, std::stop_token());
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  ASSERT_FALSE(done) << "it has no million windows";
  EXPECT_EQ(left, 0);
  EXPECT_GT(window_count, 100);
  EXPECT_LT(seconds, 60) << "the decoder has been at work";
  std::cout << window_count << " windows of an hour passed over in " << seconds << " s of CPU\n";
}

}  // namespace
}  // namespace katip::integration
