#include "engine/model/special_tokens.h"

#include <gtest/gtest.h>

#include "engine/model/testing/random_model_files.h"

namespace katip::engine {
namespace {

using test_model::RandomModel;

Vocabulary make_vocabulary(const std::vector<std::string>& tokens) {
  const std::vector<std::string_view> views(tokens.begin(), tokens.end());
  Vocabulary vocabulary;
  vocabulary.set_tokens(views);
  return vocabulary;
}

TEST(FindSpecialTokens, FindsThemByName) {
  const RandomModel model{.language_count = 5};
  const auto tokens = test_model::random_vocabulary(model);
  const auto special = find_special_tokens(make_vocabulary(tokens), model.config().vocabulary_size);
  ASSERT_TRUE(special.has_value()) << special.error().message;
  EXPECT_EQ(tokens[static_cast<std::size_t>(special->end_of_text)], "<|endoftext|>");
  EXPECT_EQ(tokens[static_cast<std::size_t>(special->translate)], "<|translate|>");
  EXPECT_EQ(tokens[static_cast<std::size_t>(special->no_speech)], "<|nospeech|>");
  EXPECT_EQ(tokens[static_cast<std::size_t>(special->timestamp_begin)], "<|0.00|>");
  EXPECT_EQ(tokens[static_cast<std::size_t>(special->language_begin)], "<|en|>");
  EXPECT_EQ(special->language_count, 5);
}

struct Published {
  int vocabulary_size;
  int end_of_text;
  int translate;
  int no_speech;
  int timestamp_begin;
  int language_count;
};

// The places in the three published vocabularies.
TEST(FindSpecialTokens, CountsThemWhenTheyHaveNoNames) {
  for (const Published& expected : {Published{51864, 50256, 50357, 50361, 50363, 0},
                                    Published{51865, 50257, 50358, 50362, 50364, 99},
                                    Published{51866, 50257, 50359, 50363, 50365, 100}}) {
    const auto special = find_special_tokens(make_vocabulary({"a", "b"}), expected.vocabulary_size);
    ASSERT_TRUE(special.has_value()) << special.error().message;
    EXPECT_EQ(special->end_of_text, expected.end_of_text);
    EXPECT_EQ(special->start_of_transcript, expected.end_of_text + 1);
    EXPECT_EQ(special->translate, expected.translate);
    EXPECT_EQ(special->no_speech, expected.no_speech);
    EXPECT_EQ(special->timestamp_begin, expected.timestamp_begin);
    EXPECT_EQ(special->language_count, expected.language_count);
  }
}

TEST(FindSpecialTokens, CountsOnFromTheNamesThereAre) {
  const RandomModel model{.language_count = 7};
  auto tokens = test_model::random_vocabulary(model);
  tokens.resize(static_cast<std::size_t>(test_model::kRandomTextCount) + 1);
  const auto special = find_special_tokens(make_vocabulary(tokens), model.config().vocabulary_size);
  ASSERT_TRUE(special.has_value()) << special.error().message;
  EXPECT_EQ(special->language_count, 7);
  EXPECT_EQ(special->timestamp_begin, model.config().vocabulary_size - kTimestampCount);
}

TEST(FindSpecialTokens, FailsForATokenizerOfAnotherModel) {
  const RandomModel model{.language_count = 5};
  const int size = model.config().vocabulary_size;
  const auto tokens = test_model::random_vocabulary(model);
  EXPECT_FALSE(find_special_tokens(make_vocabulary(tokens), size - 1));
  EXPECT_FALSE(find_special_tokens(make_vocabulary({"a"}), size));
  EXPECT_FALSE(find_special_tokens(make_vocabulary({"<|endoftext|>"}), 1));
  EXPECT_FALSE(find_special_tokens(make_vocabulary({"<|endoftext|>"}), 150'000));
  auto swapped = tokens;
  std::swap(swapped[0], swapped[static_cast<std::size_t>(test_model::kRandomTextCount) + 1]);
  EXPECT_FALSE(find_special_tokens(make_vocabulary(swapped), size));
}

// Everything behind the languages would be one off, and nothing else would tell.
TEST(FindSpecialTokens, FailsForNinetyNineLanguagesWithTheWeightsOfLargeV3) {
  std::vector<std::string> tokens(50257, "x");
  for (const auto& token : test_model::random_vocabulary({.language_count = 99})) {
    if (token.starts_with("<|")) tokens.push_back(token);
  }
  ASSERT_EQ(tokens.size(), 51865u);
  EXPECT_TRUE(find_special_tokens(make_vocabulary(tokens), 51865));
  EXPECT_FALSE(find_special_tokens(make_vocabulary(tokens), 51866));
}

}  // namespace
}  // namespace katip::engine
