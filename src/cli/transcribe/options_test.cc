#include "cli/transcribe/options.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/atomic_file.h"

namespace katip::cli {
namespace {

namespace fs = std::filesystem;

Result<engine::TranscribeOptions> options(std::map<std::string, std::string> flags,
                                          const std::vector<std::string>& keywords = {}) {
  const fs::path config = fs::path(testing::TempDir()) / "katip_options_empty.toml";
  EXPECT_TRUE(write_file_atomically(config, ""));  // Not that of the machine.
  const auto settings = Settings::load({.environment = Environment(),
                                        .config_file = config,
                                        .environment_name = std::nullopt,
                                        .flags = std::move(flags)});
  if (!settings) {
    return std::unexpected(settings.error());
  }
  return transcribe_options(*settings, keywords);
}

TEST(TranscribeOptions, DefaultsAreThoseOfTheEngine) {
  const auto made = options({});
  ASSERT_TRUE(made) << made.error().message;
  const engine::TranscribeOptions wanted;
  EXPECT_EQ(made->language, wanted.language);
  EXPECT_EQ(made->beam_size, wanted.beam_size);
  EXPECT_EQ(made->best_of, wanted.best_of);
  EXPECT_EQ(made->temperatures, wanted.temperatures);
  EXPECT_EQ(made->limits.compression_ratio_max, wanted.limits.compression_ratio_max);
  EXPECT_EQ(made->limits.average_log_probability_min, wanted.limits.average_log_probability_min);
  EXPECT_EQ(made->limits.no_speech_probability_max, wanted.limits.no_speech_probability_max);
  EXPECT_EQ(made->vad, wanted.vad);
  EXPECT_EQ(made->vad_threshold, wanted.vad_threshold);
  EXPECT_EQ(made->word_times, wanted.word_times);
  EXPECT_EQ(made->condition_on_previous_text, wanted.condition_on_previous_text);
}

TEST(TranscribeOptions, TakesLanguagesByNameAndCode) {
  EXPECT_EQ(options({{"transcribe.language", "Turkish"}})->language, "tr");
  EXPECT_EQ(options({{"transcribe.language", "de"}})->language, "de");
  EXPECT_EQ(options({{"transcribe.languages", "en, turkish"}})->languages,
            (std::vector<std::string>{"en", "tr"}));
  const auto wrong = options({{"transcribe.language", "turkis"}});
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("Did you mean `turkish`?"), std::string::npos);
}

TEST(TranscribeOptions, ChecksTemperatures) {
  EXPECT_EQ(options({{"transcribe.temperature", "0.5"}})->temperatures, std::vector<float>{0.5f});
  for (const char* text : {"", "x", "2", "-1", "nan", "0.2x"}) {
    EXPECT_FALSE(options({{"transcribe.temperature", text}})) << text;
  }
}

TEST(TranscribeOptions, JoinsLexiconAndKeywords) {
  const fs::path file = fs::path(testing::TempDir()) / "katip_options_lexicon";
  ASSERT_TRUE(write_file_atomically(file, "Kubernetes\t2\n"));
  const auto made = options({{"transcribe.lexicon", file.string()}}, {"Ayşe"});
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->lexicon.size(), 2u);
  EXPECT_EQ(made->lexicon[0].weight, 2.0f);
  EXPECT_EQ(made->lexicon[1].term, "Ayşe");
  fs::remove(file);
  EXPECT_EQ(options({{"transcribe.lexicon", file.string()}}).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(options({}, {""}));
}

}  // namespace
}  // namespace katip::cli
