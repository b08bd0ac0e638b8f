#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "engine/engine.h"
#include "engine/model/testing/random_model_files.h"

namespace katip::engine {
namespace {

namespace fs = std::filesystem;

TEST(Languages, AreTheHundredOfWhisper) {
  ASSERT_EQ(languages().size(), 100u);
  EXPECT_EQ(languages().front().code, "en");
  EXPECT_EQ(languages()[9].name, "turkish");
  EXPECT_EQ(languages().back().code, "yue");
  std::set<std::string_view> codes;
  std::set<std::string_view> names;
  for (const Language& language : languages()) {
    codes.insert(language.code);
    names.insert(language.name);
  }
  EXPECT_EQ(codes.size(), 100u);
  EXPECT_EQ(names.size(), 100u);
}

TEST(InspectModel, DescribesBothFormats) {
  const TemporaryFolder folder;
  const test_model::RandomModel model{.mel_count = 128, .state_size = 64, .language_count = 0};
  test_model::write_huggingface(folder.path() / "a", model, ElementType::kFloat16);
  test_model::write_ctranslate2(folder.path() / "b", model, ElementType::kFloat16);
  const auto first = inspect_model(folder.path() / "a");
  const auto second = inspect_model(folder.path() / "b");
  ASSERT_TRUE(first.has_value()) << first.error().message;
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_EQ(first->format, "huggingface");
  EXPECT_EQ(second->format, "ctranslate2");
  EXPECT_EQ(first->size, "custom");
  EXPECT_EQ(first->mel_count, 128);
  EXPECT_FALSE(first->multilingual);
  EXPECT_GT(first->parameter_count, 0);
  EXPECT_EQ(first->parameter_count, second->parameter_count);
}

TEST(InspectModel, KnowsThePublishedModels) {
  const fs::path models = KATIP_SOURCE_DIR "/.deps/models";
  if (!fs::exists(models / "base/model.bin")) GTEST_SKIP() << "run tools/setup for base";
  const auto base = inspect_model(models / "base");
  ASSERT_TRUE(base.has_value()) << base.error().message;
  EXPECT_EQ(base->size, "base");
  EXPECT_TRUE(base->multilingual);
  EXPECT_EQ(base->parameter_count, 72'593'920);
}

TEST(InspectModel, FailsWithoutAFolder) {
  const auto info = inspect_model("/nonexistent/model");
  ASSERT_FALSE(info.has_value());
  EXPECT_EQ(info.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace katip::engine
