#include "app/loaded_models.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace katip::app {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

class LoadedModelsTest : public testing::Test {
 protected:
  LoadedModelsTest() {
    options_.served_model = "base";
    options_.other_models = {"small", "base"};
    options_.open = [this](const std::string& name) -> Result<LoadedModel> {
      ++open_count_;
      if (is_broken_) return fail(ErrorCode::kCorruptData, name + " is damaged");
      return LoadedModel{
          .run =
              [name](const TranscribeRequest&, const TranscribeObserver&, const std::stop_token&) {
                Transcribed done;
                done.transcript.language = name;
                return done;
              },
          .made_by = "katip"};
    };
  }
  std::unique_ptr<LoadedModels> create() {
    auto models = LoadedModels::create(options_, clock_);
    EXPECT_TRUE(models) << models.error().message;
    return *std::move(models);
  }
  static std::string said_by(const ModelUse& use) {
    return use.transcribe({}, {}, {}).transcript.language;
  }

  ManualClock clock_;
  LoadedModelsOptions options_;
  std::atomic<int> open_count_ = 0;
  bool is_broken_ = false;
};

TEST_F(LoadedModelsTest, TheServedOneIsThereAtOnceTheOthersWhenTheyAreAskedFor) {
  const auto models = create();
  EXPECT_EQ(models->loaded(), Names{"base"});
  EXPECT_EQ(said_by(*models->use("small")), "small");
  EXPECT_EQ(models->use("small")->name, "small");
  EXPECT_EQ(models->use("")->name, "base");
  EXPECT_EQ(said_by(*models->use("base")), "base");
  EXPECT_EQ(models->loaded(), (Names{"base", "small"}));
  EXPECT_EQ(open_count_, 2);
}

TEST_F(LoadedModelsTest, ManyWhoAskAtOnceLoadItOnce) {
  const auto models = create();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(said_by(*models->use("small")), "small"); });
  }
  threads.clear();
  EXPECT_EQ(open_count_, 2);
}

TEST_F(LoadedModelsTest, AnUnknownNameAndOneThatCannotBeLoadedAreErrors) {
  const auto models = create();
  const auto unknown = models->use("large");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_NE(unknown.error().message.find("engine.other_models"), std::string::npos);
  is_broken_ = true;
  EXPECT_EQ(models->use("small").error().code, ErrorCode::kCorruptData);
  is_broken_ = false;
  EXPECT_TRUE(models->use("small")) << "it is tried again";
  is_broken_ = true;
  EXPECT_FALSE(LoadedModels::create(options_, clock_)) << "the served one is needed";
}

TEST_F(LoadedModelsTest, WhatNobodyUsesIsLetGoButNotTheServedOne) {
  options_.idle_max = 60s;
  const auto models = create();
  auto use = models->use("small");
  ASSERT_TRUE(use);
  clock_.advance(120s);
  models->let_go_of_idle();
  EXPECT_EQ(models->loaded(), (Names{"base", "small"})) << "a task still runs";
  use = fail(ErrorCode::kCancelled, "it ended");
  clock_.advance(59s);
  models->let_go_of_idle();
  EXPECT_EQ(models->loaded(), (Names{"base", "small"}));
  clock_.advance(1s);
  models->let_go_of_idle();
  EXPECT_EQ(models->loaded(), Names{"base"});
  EXPECT_TRUE(models->use("small")) << "it is loaded again";
}

}  // namespace
}  // namespace katip::app
