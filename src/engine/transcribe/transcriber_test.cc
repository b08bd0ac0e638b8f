#include "engine/transcribe/transcriber.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include "engine/batch/testing/scripted_model.h"

namespace katip::engine {
namespace {

using scripted::kTimestampBegin;
using scripted::Script;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kHello = 1;
constexpr int kThere = 2;
constexpr int kLoop = 3;  // spells the same again and again
constexpr int kPrompt = 4;
constexpr std::size_t kSecond = 16000;

constexpr int at(int frame) { return kTimestampBegin + frame; }

std::map<int, std::string> words() {
  std::string loop;
  for (int i = 0; i < 60; ++i) loop += " la";
  return {{kHello, " hello"}, {kThere, " there"}, {kLoop, loop}, {kPrompt, " prompt"}};
}

/// So many seconds of a tone.
std::vector<float> tone(std::size_t seconds) {
  std::vector<float> pcm(seconds * kSecond);
  for (std::size_t i = 0; i < pcm.size(); ++i)
    pcm[i] = 0.1f * std::sin(0.05f * static_cast<float>(i));
  return pcm;
}

/// A scripted model and the real rest: without the voice activity model, windows follow each other.
class TranscriberTest : public testing::Test {
 protected:
  TranscriberTest() : tools_(words()), mel_(80) {
    files_.config = tools_.model_config;
    files_.tokenizer = std::make_unique<TestingTokenizer>(words());
    batcher_ = std::make_unique<Batcher>(
        BatcherOptions{}, tools_.decode,
        std::make_unique<scripted::ScriptedEncoder>(tools_.model_config, watch_),
        std::make_unique<scripted::ScriptedDecoder>(watch_));
    watch_->hear = [this](const Mel&) {
      const std::size_t number = watch_->heard.size();
      return number < scripts_.size() ? scripts_[number] : Script{at(0), kHello, at(10)};
    };
    options_.vad = Vad::kOff;
    options_.temperatures = {0.0f};
  }

  Result<Transcription> run(std::span<const float> pcm, const TranscribeObserver& observer = {},
                            const ResumePoint& from = {}) {
    const PcmReader reader = [pcm](std::span<float> out) mutable -> Result<std::size_t> {
      const std::size_t count = std::min(out.size(), pcm.size());
      std::copy_n(pcm.begin(), count, out.begin());
      pcm = pcm.subspan(count);
      return count;
    };
    const TranscribeTools tools{files_, tools_.rules, mel_, nullptr, *batcher_};
    Transcriber transcriber(tools, options_, nullptr, observer, 1);
    KATIP_TRY(transcriber.resume_at(from));
    return transcriber.run(reader, {});
  }

  /// The model hears in a window what its sound decides, however many it heard before.
  void hear_by_sound() {
    watch_->hear = [](const Mel& mel) {
      const std::uint64_t chance = std::hash<std::string_view>()(
          {reinterpret_cast<const char*>(mel.data.data()), mel.data.size() * sizeof(float)});
      const int end = 50 + static_cast<int>(chance % 1300);
      const int word = chance / 1300 % 3 == 0 ? kThere : kHello;
      if (chance / 3900 % 5 == 0) return Script{};  // nobody speaks
      if (chance / 19500 % 2 == 0) return Script{at(0), word, at(end)};
      return Script{at(3), word, at(end / 2), at(end / 2), kThere, kHello, at(end)};
    };
  }

  tbb::global_control alone_{tbb::global_control::max_allowed_parallelism, 1};
  scripted::Tools tools_;
  ModelFiles files_;
  MelExtractor mel_;
  TranscribeOptions options_;
  std::vector<Script> scripts_;  ///< Of the windows, in the order of encoding.
  std::shared_ptr<scripted::Watch> watch_ = std::make_shared<scripted::Watch>();
  std::unique_ptr<Batcher> batcher_;
};

TEST_F(TranscriberTest, ATextThatStopsEarlyIsDecodedAgainFromThere) {
  scripts_ = {{at(0), kHello, at(100)}, {at(10), kThere, at(150)}};
  const auto done = run(tone(5));
  ASSERT_TRUE(done);
  ASSERT_THAT(done->segments, SizeIs(2));
  EXPECT_EQ(done->segments[0].end_ms, 2000);
  EXPECT_EQ(done->segments[1].start_ms, 2200);
  EXPECT_EQ(done->segments[1].end_ms, 5000);
}

TEST_F(TranscriberTest, SilenceAfterTheTextIsNotDecoded) {
  scripts_ = {{at(0), kHello, at(100)}};
  std::vector<float> pcm = tone(2);
  pcm.resize(6 * kSecond, 0.0f);
  const auto done = run(pcm);
  ASSERT_TRUE(done);
  EXPECT_THAT(done->segments, SizeIs(1));
  EXPECT_THAT(watch_->heard, SizeIs(1));
}

TEST_F(TranscriberTest, TheTextBeforeWithItsTimesIsThePromptWhenAskedFor) {
  options_.condition_on_previous_text = true;
  options_.initial_prompt = "prompt";
  scripts_ = {{at(0), kHello, at(100)}, {at(0), kThere, at(150)}};
  ASSERT_TRUE(run(tone(5)));
  EXPECT_THAT(watch_->previous_texts,
              ElementsAre(ElementsAre(kPrompt), ElementsAre(kPrompt, at(0), kHello, at(100))));
}

TEST_F(TranscriberTest, ATextThatFailedAtAllTemperaturesIsNoPrompt) {
  options_.condition_on_previous_text = true;
  scripts_ = {{at(0), kLoop, at(100)}, {at(0), kThere, at(150)}};
  ASSERT_TRUE(run(tone(5)));
  EXPECT_THAT(watch_->previous_texts, ElementsAre(IsEmpty(), IsEmpty()));
}

TEST_F(TranscriberTest, NothingIsLeftInTheBatchAfterAnObserverThrew) {
  std::promise<void> thrown;
  TranscribeObserver observer;
  observer.on_segment = [&thrown](const Segment&) {
    thrown.set_value();
    throw std::runtime_error("the disk is full");
  };
  // The others have not got far by then.
  watch_->on_step = [may_go_on = thrown.get_future().share()](const auto& windows) {
    if (windows.front() != 0) may_go_on.wait();
  };
  options_.limits.compression_ratio_max = 100.0f;
  Script longer = {at(0)};
  for (std::size_t i = 1; i < 200; ++i) longer.push_back(i * i % 199 < 99 ? kHello : kThere);
  scripts_.resize(8, longer);
  EXPECT_THROW(static_cast<void>(run(tone(200), observer)), std::runtime_error);
  const std::size_t encoded_count = watch_->heard.size();
  std::vector<std::size_t> oldest;
  watch_->on_step = [&](const auto& windows) { oldest.push_back(windows.front()); };
  ASSERT_TRUE(run(tone(1)));
  EXPECT_THAT(oldest, Each(encoded_count)) << "only the new one";
}

// Of tones, each three seconds long and with a pause behind it.
std::vector<float> melody(std::size_t tone_count) {
  std::vector<float> pcm;
  for (std::size_t i = 0; i < tone_count; ++i) {
    for (std::size_t sample = 0; sample < 3 * kSecond; ++sample) {
      const auto pitch = 0.03f + 0.01f * static_cast<float>(i * i % 17);
      pcm.push_back(0.1f * std::sin(pitch * static_cast<float>(sample)));
    }
    pcm.resize(pcm.size() + kSecond / 2, 0.0f);
  }
  return pcm;
}

std::vector<std::string> described(std::span<const Segment> segments) {
  std::vector<std::string> lines;
  for (const Segment& segment : segments) {
    lines.push_back(std::to_string(segment.window_start_ms) + " " +
                    std::to_string(segment.start_ms) + " " + std::to_string(segment.end_ms) + " " +
                    segment.text + " " + std::to_string(segment.average_log_probability));
  }
  return lines;
}

class ResumeTest : public TranscriberTest, public testing::WithParamInterface<bool> {
 protected:
  ResumeTest() {
    options_.condition_on_previous_text = GetParam();
    hear_by_sound();
  }

  struct Run {
    Transcription whole;
    std::vector<WindowDone> windows;
    std::vector<std::vector<int>> prompts;
  };

  Run run_from(std::span<const float> pcm, const ResumePoint& from) {
    Run run;
    watch_->previous_texts.clear();
    TranscribeObserver observer;
    observer.on_window = [&](const WindowDone& window) { run.windows.push_back(window); };
    auto done = this->run(pcm, observer, from);
    if (done) {
      run.whole = *std::move(done);
    } else {
      ADD_FAILURE() << done.error().message;
    }
    run.prompts = watch_->previous_texts;
    return run;
  }
};

TEST_P(ResumeTest, FinishedWindowsAndTheRestAreTheWholeFromWhereverItGoesOn) {
  const std::vector<float> pcm = melody(40);
  const Run full = run_from(pcm, {});
  ASSERT_GE(full.windows.size(), 5U);
  ASSERT_GE(full.whole.segments.size(), 5U);
  std::vector<Segment> finished;
  for (const WindowDone& last : full.windows) {
    std::ranges::copy(last.segments, std::back_inserter(finished));
    EXPECT_EQ(last.next.segment_count, static_cast<std::int64_t>(finished.size()));
    const Run rest = run_from(pcm, last.next);
    std::vector<Segment> all = finished;
    std::ranges::copy(rest.whole.segments, std::back_inserter(all));
    EXPECT_EQ(described(all), described(full.whole.segments)) << "after " << last.index;
    EXPECT_EQ(rest.whole.duration_ms, full.whole.duration_ms);
    EXPECT_EQ(rest.whole.speech_ms, full.whole.speech_ms);
    EXPECT_EQ(rest.whole.language, full.whole.language);
    ASSERT_EQ(rest.windows.size(), full.windows.size() - static_cast<std::size_t>(last.index) - 1);
    if (!rest.windows.empty()) {
      EXPECT_EQ(rest.windows.front().index, last.index + 1);
      EXPECT_EQ(rest.windows.back().next, full.windows.back().next);
    }
    if (GetParam()) {  // one at a time: the prompts come in the order of the windows
      const auto count = static_cast<std::ptrdiff_t>(rest.prompts.size());
      EXPECT_EQ(rest.prompts, std::vector(full.prompts.end() - count, full.prompts.end()));
    }
  }
}

TEST_P(ResumeTest, AWindowIsToldAfterItsSegments) {
  std::size_t segment_count = 0;
  int next_index = 0;
  TranscribeObserver observer;
  observer.on_segment = [&](const Segment&) { ++segment_count; };
  observer.on_window = [&](const WindowDone& window) {
    EXPECT_EQ(window.index, next_index++);
    EXPECT_EQ(window.next.segment_count, static_cast<std::int64_t>(segment_count));
  };
  ASSERT_TRUE(run(melody(20), observer));
  EXPECT_GT(next_index, 1);
}

TEST_P(ResumeTest, WhatIsFinishedIsNotDecodedAgain) {
  const std::vector<float> pcm = melody(20);
  const Run full = run_from(pcm, {});
  const std::size_t heard_count = watch_->heard.size();
  const Run rest = run_from(pcm, full.windows.back().next);
  EXPECT_THAT(rest.windows, IsEmpty());
  EXPECT_EQ(watch_->heard.size(), heard_count);
}

TEST_P(ResumeTest, APointOfAnotherRecordingModelOrOptionsIsRefused) {
  const std::vector<float> pcm = melody(20);
  const ResumePoint good = run_from(pcm, {}).windows.front().next;
  std::vector<ResumePoint> wrong(6, good);
  wrong[0].window_end_ms += 20;
  wrong[1].window_count = 100;
  wrong[2].window_count = -1;
  wrong[3].language = "tr";
  wrong[4].previous_tokens = {scripted::kVocabularySize};
  wrong[5].previous_tokens = {-1};
  for (const ResumePoint& point : wrong) {
    const auto done = run(pcm, {}, point);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kConflict);
    EXPECT_THAT(done.error().message, testing::HasSubstr("begin anew"));
  }
}

INSTANTIATE_TEST_SUITE_P(Prompts, ResumeTest, testing::Bool(), [](const auto& test) {
  return test.param ? std::string("ByThePreviousText") : std::string("None");
});

TEST_F(TranscriberTest, WhatTheReaderFailsWithIsTheAnswer) {
  const TranscribeTools tools{files_, tools_.rules, mel_, nullptr, *batcher_};
  const TranscribeObserver observer;
  Transcriber transcriber(tools, options_, nullptr, observer, 1);
  std::size_t count = 0;
  const PcmReader reader = [&](std::span<float> out) -> Result<std::size_t> {
    if (++count > 100) return fail(ErrorCode::kUnavailable, "the line is dead");
    std::ranges::fill(out, 0.1f);
    return out.size();
  };
  const auto done = transcriber.run(reader, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "the line is dead");
}

}  // namespace
}  // namespace katip::engine
