#include "engine/batch/batcher.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
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
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Not;
using testing::SizeIs;
using Answer = std::future<Result<DecodedWindow>>;

/// One word, said `count` times.
Script say(int word, int count = 1) {
  Script script = {kTimestampBegin};
  script.insert(script.end(), static_cast<std::size_t>(count), word);
  return script;
}

std::map<int, std::string> words() {
  std::map<int, std::string> texts;
  for (int token = 1; token < scripted::kEndOfText; ++token) {
    texts[token] = " w" + std::to_string(token);
  }
  return texts;
}

/// The windows of these tests are named by a text token: it is their first number, and what is said
/// in them. The second is how often.
class BatcherTest : public testing::Test {
 protected:
  BatcherTest() : tools_(words()) {
    watch_->hear = [](const Mel& mel) {
      return say(static_cast<int>(mel.data[0]), static_cast<int>(mel.data[1]));
    };
    options_.beam_size = 1;
    options_.temperatures = {0.0f};
    options_.limits.compression_ratio_max = 100.0f;
  }

  void open(std::size_t window_count_max = 16) {
    batcher_ = std::make_unique<Batcher>(
        BatcherOptions{.window_count_max = window_count_max}, tools_.decode,
        std::make_unique<scripted::ScriptedEncoder>(tools_.model_config, watch_),
        std::make_unique<scripted::ScriptedDecoder>(watch_));
  }

  struct Wanted {
    int word = 1;
    int count = 1;
    int priority = 0;
    std::uint64_t owner = 1;
    std::stop_token stop = {};
  };
  Answer submit(const Wanted& wanted) {
    WindowRequest request;
    request.mel = {1, 20, {static_cast<float>(wanted.word), static_cast<float>(wanted.count)}};
    request.task.options = &options_;
    request.task.audio_frame_count = 10;
    request.priority = wanted.priority;
    request.owner = wanted.owner;
    request.stop = wanted.stop;
    return batcher_->submit(std::move(request));
  }

  /// Does something once, on the thread of the batch, when the first window was encoded and before
  /// anything is decoded: whatever is submitted there waits together.
  void at_first_step(std::function<void()> action) {
    watch_->on_step = [this, action = std::move(action),
                       done = false](const auto& windows) mutable {
      steps_.push_back(windows);
      if (!std::exchange(done, true)) action();
    };
  }

  /// The words of all windows, in the order of encoding.
  [[nodiscard]] std::vector<int> encoded_words() const {
    std::vector<int> all;
    for (const Script& script : watch_->heard) all.push_back(script[1]);
    return all;
  }

  // The threads of TBB are none of ours, and ThreadSanitizer does not see how they wait for one
  // another: the batch works alone here.
  tbb::global_control alone_{tbb::global_control::max_allowed_parallelism, 1};
  scripted::Tools tools_;
  TranscribeOptions options_;
  std::shared_ptr<scripted::Watch> watch_ = std::make_shared<scripted::Watch>();
  std::vector<std::vector<std::size_t>> steps_;
  std::vector<Answer> answers_;
  std::unique_ptr<Batcher> batcher_;  // last: its thread uses the others
};

TEST_F(BatcherTest, ManyThreadsGetTheTextsOfTheirOwnWindows) {
  open(4);
  std::atomic<int> right = 0;
  const auto work = [&](int thread) {
    std::vector<Answer> answers;
    const auto wanted = [thread](int i) {
      return Wanted{.word = 1 + (7 * thread + i) % 39,
                    .count = 1 + i % 5,
                    .priority = i % 3,
                    .owner = static_cast<std::uint64_t>(thread)};
    };
    for (int i = 0; i < 25; ++i) answers.push_back(submit(wanted(i)));
    for (int i = 0; i < 25; ++i) {
      const auto heard = answers[static_cast<std::size_t>(i)].get();
      if (heard && heard->tokens == say(wanted(i).word, wanted(i).count)) ++right;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread) threads.emplace_back(work, thread);
  }
  EXPECT_EQ(right, 8 * 25);
}

TEST_F(BatcherTest, TheHighestPriorityIsEncodedFirst) {
  at_first_step([this] {
    for (const int priority : {0, 2, 1, 2}) {
      answers_.push_back(
          submit({.word = 10 + static_cast<int>(answers_.size()), .priority = priority}));
    }
  });
  open();
  submit({.word = 1}).wait();
  for (Answer& answer : answers_) EXPECT_TRUE(answer.get());
  EXPECT_THAT(encoded_words(), ElementsAre(1, 11, 13, 12, 10));
}

TEST_F(BatcherTest, WindowsOfALowerPriorityPauseForAHigherOne) {
  at_first_step([this] { answers_.push_back(submit({.word = 2, .count = 5, .priority = 1})); });
  open();
  EXPECT_TRUE(submit({.word = 1, .count = 5}).get());
  EXPECT_TRUE(answers_.at(0).get());
  batcher_.reset();
  ASSERT_GT(steps_.size(), 8u);
  EXPECT_THAT(steps_[0], ElementsAre(0));
  for (std::size_t step = 1; step <= 7; ++step) {  // start, five words, end
    EXPECT_THAT(steps_[step], ElementsAre(1)) << step;
  }
  EXPECT_THAT(steps_.back(), ElementsAre(0));
}

TEST_F(BatcherTest, AWindowOfALowerPriorityIsNotEncodedMeanwhile) {
  std::vector<std::size_t> encoded_counts;
  watch_->on_step = [&](const auto& windows) {
    if (encoded_counts.empty()) answers_.push_back(submit({.word = 2, .priority = -1}));
    if (windows.front() == 0) encoded_counts.push_back(watch_->heard.size());
  };
  open();
  EXPECT_TRUE(submit({.word = 1, .count = 5}).get());
  EXPECT_TRUE(answers_.at(0).get());
  EXPECT_THAT(encoded_counts, ElementsAre(1, 1, 1, 1, 1, 1, 1));
}

TEST_F(BatcherTest, NoMoreWindowsThanAllowedAreDecodedAtOnce) {
  at_first_step([] {});
  open(2);
  for (int i = 0; i < 6; ++i) answers_.push_back(submit({.word = 1 + i, .count = 4}));
  for (Answer& answer : answers_) EXPECT_TRUE(answer.get());
  batcher_.reset();
  EXPECT_THAT(steps_, Each(SizeIs(testing::Le(3u)))) << "two, and half as many for newcomers";
  EXPECT_THAT(steps_, Contains(SizeIs(2)));
}

TEST_F(BatcherTest, WindowsThatPauseForHigherAndHigherPrioritiesHaveALimit) {
  watch_->on_step = [this](const auto& windows) {
    steps_.push_back(windows);
    const int priority = static_cast<int>(answers_.size()) + 1;
    if (priority <= 6) answers_.push_back(submit({.word = 2, .count = 9, .priority = priority}));
  };
  open(1);
  EXPECT_TRUE(submit({.word = 1, .count = 9}).get());
  for (Answer& answer : answers_) EXPECT_TRUE(answer.get());
  batcher_.reset();
  const std::vector<std::vector<std::size_t>> first(steps_.begin(), steps_.begin() + 12);
  EXPECT_THAT(first, Contains(ElementsAre(3))) << "the fourth pauses three";
  EXPECT_THAT(first, Not(Contains(ElementsAre(4)))) << "the fifth waits for a place";
}

TEST_F(BatcherTest, AnOwnerWithNothingInTheBatchDoesNotWaitBehindAnother) {
  at_first_step([this] {
    for (int i = 0; i < 6; ++i) answers_.push_back(submit({.word = 10 + i, .count = 5}));
    answers_.push_back(submit({.word = 20, .owner = 2}));
  });
  open(2);
  submit({.word = 1, .count = 5}).wait();
  for (Answer& answer : answers_) EXPECT_TRUE(answer.get());
  EXPECT_EQ(encoded_words().at(1), 20);
}

TEST_F(BatcherTest, ANewcomerFindsAPlaceInAFullBatch) {
  watch_->on_step = [this](const auto& windows) {
    steps_.push_back(windows);
    if (windows.size() == 2 && answers_.size() == 1) {
      answers_.push_back(submit({.word = 3, .owner = 1}));
      answers_.push_back(submit({.word = 4, .owner = 2}));
    }
    if (answers_.empty()) answers_.push_back(submit({.word = 2, .count = 9}));
  };
  open(2);
  EXPECT_TRUE(submit({.word = 1, .count = 9}).get());
  for (Answer& answer : answers_) EXPECT_TRUE(answer.get());
  batcher_.reset();
  EXPECT_THAT(steps_, Contains(ElementsAre(0, 1, 2)));
  EXPECT_THAT(encoded_words(), ElementsAre(1, 2, 4, 3)) << "the newcomer first";
}

TEST_F(BatcherTest, WindowsThatWaitAreNotEncodedAfterAStop) {
  std::stop_source stop;
  at_first_step([&] {
    answers_.push_back(submit({.word = 2, .stop = stop.get_token()}));
    answers_.push_back(submit({.word = 3}));
    stop.request_stop();
  });
  open();
  EXPECT_TRUE(submit({.word = 1}).get());
  EXPECT_EQ(answers_.at(0).get().error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(answers_.at(1).get());
  EXPECT_THAT(encoded_words(), ElementsAre(1, 3));
}

TEST_F(BatcherTest, AWindowThatIsBeingDecodedEndsWithAStop) {
  std::stop_source stop;
  at_first_step([&] { stop.request_stop(); });
  open();
  const auto heard = submit({.word = 1, .count = 30, .stop = stop.get_token()}).get();
  ASSERT_FALSE(heard);
  EXPECT_EQ(heard.error().code, ErrorCode::kCancelled);
  batcher_.reset();
  EXPECT_THAT(steps_, SizeIs(1));
}

TEST_F(BatcherTest, TheEndOfTheBatchAnswersWhatIsLeft) {
  std::promise<void> under_way;
  at_first_step([&] {
    for (int i = 0; i < 20; ++i) answers_.push_back(submit({.word = 2, .count = 30}));
    under_way.set_value();
  });
  open(4);
  Answer first = submit({.word = 1, .count = 30});
  under_way.get_future().wait();
  batcher_.reset();
  // Some may have been done by then; none is forgotten.
  for (Answer& answer : answers_) {
    ASSERT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::ready);
    const auto heard = answer.get();
    EXPECT_TRUE(heard || heard.error().code == ErrorCode::kCancelled);
  }
  EXPECT_EQ(first.wait_for(std::chrono::seconds(0)), std::future_status::ready);
}

TEST_F(BatcherTest, AWindowThatCannotBeEncodedLeavesTheOthersAlone) {
  watch_->encode_status = [count = 0]() mutable -> Status {
    return ++count == 2 ? Status(fail(ErrorCode::kInternal, "no encoder")) : Status();
  };
  at_first_step([this] {
    answers_.push_back(submit({.word = 2}));
    answers_.push_back(submit({.word = 3}));
  });
  open();
  EXPECT_TRUE(submit({.word = 1}).get());
  EXPECT_EQ(answers_.at(0).get().error().message, "no encoder");
  EXPECT_TRUE(answers_.at(1).get());
}

TEST_F(BatcherTest, AfterAStepThatFailsTheBatchGoesOn) {
  watch_->step_status = [count = 0]() mutable -> Status {
    return ++count == 1 ? Status(fail(ErrorCode::kInternal, "no decoder")) : Status();
  };
  open();
  EXPECT_EQ(submit({.word = 1}).get().error().message, "no decoder");
  EXPECT_TRUE(submit({.word = 2}).get());
}

}  // namespace
}  // namespace katip::engine
