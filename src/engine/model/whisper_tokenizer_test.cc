#include "engine/model/whisper_tokenizer.h"

#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "engine/model/json_text.h"
#include "engine/model/mapped_file.h"
#include "engine/model/model_files.h"
#include "engine/model/non_speech_tokens.h"
#include "engine/model/testing/random_model_files.h"

namespace katip::engine {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
using test_model::RandomModel;

std::unique_ptr<const Tokenizer> make_random_tokenizer(const RandomModel& model = {}) {
  return make_tokenizer(parse_tokenizer_json(test_model::tokenizer_json_text(model)).value(),
                        model.config().vocabulary_size)
      .value();
}

/// Against what Hugging Face's library makes of the same texts (tests/golden/tokenizer/).
class Golden : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    folder_ = fs::path(KATIP_SOURCE_DIR "/.deps/models") / GetParam();
    if (!fs::exists(folder_ / "tokenizer.json")) GTEST_SKIP() << "run tools/setup for " << folder_;
    const std::string path =
        KATIP_SOURCE_DIR "/tests/golden/tokenizer/" + std::string(GetParam()) + ".json";
    const auto file = MappedFile::open(path);
    ASSERT_TRUE(file.has_value()) << file.error().message;
    const auto value = parse_json(file->text(), path, {});
    ASSERT_TRUE(value.has_value()) << value.error().message;
    for (const json::value& pair : value->as_array()) {
      texts_.emplace_back(pair.at(0).as_string());
      tokens_.push_back(json::value_to<std::vector<int>>(pair.at(1)));
    }
    ASSERT_GT(texts_.size(), 150u);
  }

  void expect_golden(const Tokenizer& tokenizer) const {
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      EXPECT_EQ(tokenizer.encode(texts_[i]), tokens_[i]) << texts_[i];
      EXPECT_EQ(tokenizer.decode(tokens_[i]), texts_[i]);
    }
  }

  fs::path folder_;
  std::vector<std::string> texts_;
  std::vector<std::vector<int>> tokens_;
};

TEST_P(Golden, TokenizerJsonEncodesAsTheReference) {
  const auto tokenizer = open_tokenizer(folder_, 51865);
  ASSERT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
  expect_golden(**tokenizer);
}

TEST_P(Golden, AVocabularyWithoutMergesEncodesTheSame) {
  const std::string name = GetParam() == std::string("base") ? "vocabulary.json" : "vocabulary.txt";
  const TemporaryFolder folder;
  fs::create_symlink(folder_ / name, folder.path() / name);
  const auto tokenizer = open_tokenizer(folder.path(), 51865);
  ASSERT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
  expect_golden(**tokenizer);
}

// The two files that older repositories have, written out of the newer one.
TEST_P(Golden, VocabJsonAndMergesTxtEncodeTheSame) {
  const auto file = MappedFile::open(folder_ / "tokenizer.json").value();
  const json::object model = json::parse(file.text()).at("model").as_object();
  std::string merges = "#version: 0.2\n";
  for (const json::value& merge : model.at("merges").as_array()) {
    merges += merge.is_string() ? std::string(merge.as_string())
                                : std::string(merge.at(0).as_string()) + " " +
                                      std::string(merge.at(1).as_string());
    merges += '\n';
  }
  const TemporaryFolder folder;
  test_model::write_file(folder.path() / "vocab.json", json::serialize(model.at("vocab")));
  test_model::write_file(folder.path() / "merges.txt", merges);
  const auto tokenizer =
      open_tokenizer(folder.path(), GetParam() == std::string("base") ? 51865 : 51864);
  ASSERT_TRUE(tokenizer.has_value()) << tokenizer.error().message;
  expect_golden(**tokenizer);
}

TEST_P(Golden, NonSpeechTokensAreThoseOfThePublishedModel) {
  const auto tokenizer = open_tokenizer(folder_, 51865).value();
  const auto file = MappedFile::open(folder_ / "config.json").value();
  const auto object = parse_json_object(file.text(), "config.json").value();
  auto published = json_int_list(object, "suppress_ids", 0, 100'000).value();
  std::erase_if(published, [&](int id) { return id >= tokenizer->special().end_of_text; });
  EXPECT_EQ(non_speech_tokens(*tokenizer), published);
}

INSTANTIATE_TEST_SUITE_P(PublishedModels, Golden, ::testing::Values("base", "tiny.en"),
                         [](const auto& parameter) {
                           return std::string(parameter.param).substr(0, 4);
                         });

TEST(Tokenizer, KnowsTheSpecialTokensOfThePublishedModels) {
  const fs::path models = KATIP_SOURCE_DIR "/.deps/models";
  if (!fs::exists(models / "base/tokenizer.json")) GTEST_SKIP() << "run tools/setup for base";
  const auto base = open_tokenizer(models / "base", 51865).value();
  EXPECT_EQ(base->special().end_of_text, 50257);
  EXPECT_EQ(base->special().start_of_transcript, 50258);
  EXPECT_EQ(base->special().transcribe, 50359);
  EXPECT_EQ(base->special().no_speech, 50362);
  EXPECT_EQ(base->special().timestamp_begin, 50364);
  EXPECT_EQ(base->special().language_count, 99);
  EXPECT_EQ(base->language_token("tr"), 50268);
  EXPECT_EQ(base->language_code(50268), "tr");
  EXPECT_EQ(base->language_token("yue"), std::nullopt);
  EXPECT_EQ(base->language_token("translate"), std::nullopt);
  EXPECT_EQ(base->language_code(50257), "");
  if (!fs::exists(models / "tiny.en/tokenizer.json")) GTEST_SKIP() << "run tools/setup for tiny.en";
  const auto english = open_tokenizer(models / "tiny.en", 51864).value();
  EXPECT_EQ(english->special().end_of_text, 50256);
  EXPECT_EQ(english->special().timestamp_begin, 50363);
  EXPECT_EQ(english->special().language_count, 0);
  EXPECT_EQ(english->language_token("en"), std::nullopt);
}

TEST(Tokenizer, MergesInTheOrderOfTheRules) {
  const auto tokenizer = make_random_tokenizer();
  // Ġt 256, he 257, Ġa 258, in 259, re 260, on 261, Ġthe 262, ing 263
  EXPECT_EQ(tokenizer->encode(" the"), (std::vector<int>{262}));
  EXPECT_EQ(tokenizer->encode("the thing"), (std::vector<int>{'t', 257, 256, 'h', 263}));
  EXPECT_EQ(tokenizer->encode("inin"), (std::vector<int>{259, 259}));
  EXPECT_TRUE(tokenizer->encode("").empty());
}

TEST(Tokenizer, GivesNothingForSpecialTokensAndUnknownOnes) {
  const RandomModel model;
  const auto tokenizer = make_random_tokenizer(model);
  const SpecialTokens& special = tokenizer->special();
  const std::vector<int> tokens = {special.start_of_transcript,
                                   'h',
                                   special.timestamp_begin,
                                   'i',
                                   special.end_of_text,
                                   -1,
                                   1 << 30,
                                   special.timestamp_begin + 1500};
  EXPECT_EQ(tokenizer->decode(tokens), "hi");
}

TEST(Tokenizer, TakesSpecialTokensInTextAsText) {
  const auto tokenizer = make_random_tokenizer();
  const std::string text = "<|endoftext|><|0.00|><|en|>";
  const std::vector<int> tokens = tokenizer->encode(text);
  for (const int token : tokens) EXPECT_LT(token, tokenizer->special().end_of_text);
  EXPECT_EQ(tokenizer->decode(tokens), text);
}

TEST(Tokenizer, GivesBackEveryByte) {
  const auto tokenizer = make_random_tokenizer();
  std::string bytes;
  for (int i = 0; i < 512; ++i) bytes += static_cast<char>(i * 7);
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(bytes)), bytes);
}

TEST(Tokenizer, KeepsWordsThatAFineTuningAdded) {
  const RandomModel model;
  std::vector<std::string> tokens = test_model::random_vocabulary(model);
  tokens.emplace_back("Kızılay");
  tokens.emplace_back("<|speaker|>");
  const std::vector<std::string_view> views(tokens.begin(), tokens.end());
  Vocabulary vocabulary;
  vocabulary.set_tokens(views);
  const int size = static_cast<int>(tokens.size());
  const auto tokenizer = make_tokenizer(std::move(vocabulary), size).value();
  EXPECT_EQ(tokenizer->decode(std::vector<int>{size - 2, size - 1}), "Kızılay");
}

TEST(Tokenizer, NamesLanguagesByTheirOrderWhenTheVocabularyDoesNot) {
  Vocabulary vocabulary;
  const std::string_view tokens[] = {"a", "b"};
  vocabulary.set_tokens(tokens);
  const auto tokenizer = make_tokenizer(std::move(vocabulary), 51866).value();
  EXPECT_EQ(tokenizer->language_token("en"), 50259);
  EXPECT_EQ(tokenizer->language_token("tr"), 50268);
  EXPECT_EQ(tokenizer->language_token("yue"), 50358);
  EXPECT_EQ(tokenizer->language_code(50358), "yue");
}

TEST(Tokenizer, MakesItsTablesOnceForAllThreads) {
  const auto tokenizer = make_random_tokenizer();
  std::vector<std::vector<int>> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&] { result = tokenizer->encode(" the ring"); });
    }
  }
  for (const auto& result : results) EXPECT_EQ(result, results.front());
}

TEST(Tokenizer, EncodesALongWordInReasonableTime) {
  const auto tokenizer = make_random_tokenizer();
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "ing";
  EXPECT_EQ(tokenizer->encode(text).size(), 50'000u);
}

TEST(OpenTokenizer, SaysWhatIsMissing) {
  const TemporaryFolder folder;
  const auto none = open_tokenizer(folder.path(), 51865);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  test_model::write_file(folder.path() / "vocab.json", "{}");
  const auto half = open_tokenizer(folder.path(), 51865);
  ASSERT_FALSE(half.has_value());
  EXPECT_NE(half.error().message.find("merges.txt"), std::string::npos) << half.error().message;
}

TEST(OpenTokenizer, NamesTheFileThatIsCorrupt) {
  const TemporaryFolder folder;
  test_model::write_file(folder.path() / "tokenizer.json", "{\"model\":");
  const auto broken = open_tokenizer(folder.path(), 51865);
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().code, ErrorCode::kCorruptData);
  EXPECT_NE(broken.error().message.find("tokenizer.json"), std::string::npos);
}

TEST(OpenTokenizer, RefusesTheTokenizerOfALargerModel) {
  const RandomModel model;
  const TemporaryFolder folder;
  test_model::write_file(folder.path() / "tokenizer.json", test_model::tokenizer_json_text(model));
  EXPECT_TRUE(open_tokenizer(folder.path(), model.config().vocabulary_size).has_value());
  EXPECT_FALSE(open_tokenizer(folder.path(), model.config().vocabulary_size - 1).has_value());
}

}  // namespace
}  // namespace katip::engine
