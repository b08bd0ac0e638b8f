#include "engine/transcribe/transcriber.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
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

  Result<Transcription> run(std::span<const float> pcm, const TranscribeObserver& observer = {}) {
    const PcmReader reader = [pcm](std::span<float> out) mutable -> Result<std::size_t> {
      const std::size_t count = std::min(out.size(), pcm.size());
      std::copy_n(pcm.begin(), count, out.begin());
      pcm = pcm.subspan(count);
      return count;
    };
    const TranscribeTools tools{files_, tools_.rules, mel_, nullptr, *batcher_};
    return Transcriber(tools, options_, nullptr, observer, 1).run(reader, {});
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
