#include "app/model_names.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace katip::app {
namespace {

TEST(ModelNamesTest, EveryNameOfTheirsIsTheModelThatRuns) {
  const auto names = ModelNames::create("base", {}, {});
  ASSERT_TRUE(names);
  EXPECT_EQ(names->served_model(), "base");
  for (const char* id :
       {"whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize",
        "gpt-live-transcribe", "gpt-realtime-whisper"}) {
    ASSERT_TRUE(names->find(id)) << id;
    EXPECT_EQ(names->find(id)->model, "base");
    EXPECT_EQ(names->find(id)->owned_by, "openai");
  }
  EXPECT_EQ(names->find("base")->owned_by, "katip");
  EXPECT_FALSE(names->find(""));
  EXPECT_FALSE(names->find("BASE"));
}

TEST(ModelNamesTest, AliasesComeFirstAndNoNameComesTwice) {
  const auto names =
      ModelNames::create("base", {"large-v3", "tiny"}, {"whisper-1=large-v3", "base=tiny"});
  ASSERT_TRUE(names);
  EXPECT_EQ(names->find("whisper-1")->model, "large-v3");
  EXPECT_EQ(names->find("base")->model, "tiny");
  EXPECT_EQ(names->find("tiny")->owned_by, "katip");
  EXPECT_EQ(names->find("gpt-4o-transcribe")->model, "base");
  EXPECT_EQ(names->name_for_task(*names->find("whisper-1")), "large-v3");
  EXPECT_EQ(names->name_for_task(*names->find("gpt-4o-transcribe")), "");
  for (const ModelName& name : names->all()) {
    EXPECT_EQ(std::ranges::count(names->all(), name.id, &ModelName::id), 1) << name.id;
  }
}

TEST(ModelNamesTest, AnAliasIsANameAndAModel) {
  for (const char* bad : {"", "a", "=b", "a=", "=", "whisper-1=large-v3"}) {
    const auto names = ModelNames::create("base", {"tiny"}, {bad});
    ASSERT_FALSE(names) << bad;
    EXPECT_EQ(names.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace katip::app
