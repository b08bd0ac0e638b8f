#include "engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "engine/model/testing/random_model_files.h"

namespace katip::engine {
namespace {

using testing::HasSubstr;

/// A model of random weights that knows English and two languages of its own.
class SmallEngineTest : public testing::Test {
 protected:
  SmallEngineTest() {
    const test_model::RandomModel model{.mel_count = 80, .state_size = 64, .language_count = 3};
    test_model::write_huggingface(folder_.path(), model, ElementType::kFloat32);
    auto opened = Engine::open({.model_dir = folder_.path(), .thread_count = 1});
    EXPECT_TRUE(opened) << opened.error().message;
    if (opened) engine_ = std::move(*opened);
  }

  Result<Transcription> transcribe(const TranscribeOptions& options) {
    const PcmReader nothing = [](std::span<float>) -> Result<std::size_t> { return 0; };
    return engine_->transcribe(nothing, options, {}, {});
  }

  TemporaryFolder folder_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(SmallEngineTest, ALanguageThatTheModelLacksIsNamed) {
  ASSERT_NE(engine_, nullptr);
  const auto spoken = transcribe({.language = "tr", .vad = Vad::kOff});
  ASSERT_FALSE(spoken);
  EXPECT_EQ(spoken.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(spoken.error().message, HasSubstr("'tr'"));
  // An empty list of allowed languages would mean all of them.
  const auto allowed = transcribe({.languages = {"tr"}, .vad = Vad::kOff});
  ASSERT_FALSE(allowed);
  EXPECT_EQ(allowed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(allowed.error().message, HasSubstr("'tr'"));
}

TEST_F(SmallEngineTest, WhereThereIsNothingToHearNoLanguageIsNamed) {
  ASSERT_NE(engine_, nullptr);
  const auto heard = transcribe({.vad = Vad::kOff});
  ASSERT_TRUE(heard) << heard.error().message;
  EXPECT_EQ(heard->language, "");
  EXPECT_EQ(heard->language_probability, 0.0f);
  EXPECT_EQ(heard->duration_ms, 0);
}

}  // namespace
}  // namespace katip::engine
