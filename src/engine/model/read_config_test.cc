#include "engine/model/read_config.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "engine/model/ctranslate2.h"
#include "engine/model/testing/random_model_files.h"
#include "engine/model/whisper_tokenizer.h"

namespace katip::engine {
namespace {

using test_model::RandomModel;

/// The configuration text with one value changed.
std::string with(const std::string& key, const std::string& value) {
  std::string text = test_model::huggingface_config_text({});
  const std::size_t begin = text.find("\"" + key + "\":");
  if (begin == std::string::npos) {
    return text.replace(text.size() - 1, 1, ",\"" + key + "\":" + value + "}");
  }
  const std::size_t value_begin = begin + key.size() + 3;
  const std::size_t value_end = text.find_first_of(",}", value_begin);
  return text.replace(value_begin, value_end - value_begin, value);
}

Status read_and_validate(const std::string& text) {
  const ModelConfig config = KATIP_TRY(read_huggingface_config(text, ""));
  return validate_config(config);
}

std::unique_ptr<const Tokenizer> make_random_tokenizer(const RandomModel& model) {
  return make_tokenizer(parse_vocabulary_list(test_model::vocabulary_list_text(model)).value(),
                        model.config().vocabulary_size)
      .value();
}

TEST(HuggingFaceConfig, GivesTheShape) {
  const RandomModel model{.mel_count = 128, .audio_layer_count = 4, .text_layer_count = 2};
  const auto config = read_huggingface_config(test_model::huggingface_config_text(model), "");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->mel_count, 128);
  EXPECT_EQ(config->state_size, 128);
  EXPECT_EQ(config->audio_layer_count, 4);
  EXPECT_EQ(config->text_layer_count, 2);
  EXPECT_EQ(config->audio_head_count, 2);
  EXPECT_EQ(config->vocabulary_size, model.config().vocabulary_size);
  EXPECT_TRUE(config->suppress_tokens.empty());
  EXPECT_TRUE(validate_config(*config).has_value());
}

TEST(HuggingFaceConfig, PrefersTheListsOfTheGenerationConfig) {
  const std::string config_text = with("suppress_tokens", "[1,2]");
  const auto alone = read_huggingface_config(config_text, "");
  ASSERT_TRUE(alone.has_value());
  EXPECT_EQ(alone->suppress_tokens, (std::vector<int>{1, 2}));
  const auto both =
      read_huggingface_config(config_text, R"({"suppress_tokens":[3],"begin_suppress_tokens":[4],
                       "alignment_heads":[[1,0],[0,1]]})");
  ASSERT_TRUE(both.has_value()) << both.error().message;
  EXPECT_EQ(both->suppress_tokens, std::vector<int>{3});
  EXPECT_EQ(both->suppress_tokens_begin, std::vector<int>{4});
  ASSERT_EQ(both->alignment_heads.size(), 2u);
  EXPECT_EQ(both->alignment_heads[0].layer, 1);
  EXPECT_EQ(both->alignment_heads[1].head, 1);
  const auto null = read_huggingface_config(config_text, R"({"suppress_tokens":null})");
  EXPECT_EQ(null->suppress_tokens, (std::vector<int>{1, 2}));
}

TEST(HuggingFaceConfig, FailsOnEveryImplausibleNumber) {
  const std::pair<const char*, const char*> bad[] = {
      {"num_mel_bins", "0"},
      {"num_mel_bins", "96"},
      {"num_mel_bins", "\"80\""},
      {"d_model", "-128"},
      {"d_model", "100"},
      {"d_model", "1e9"},
      {"encoder_layers", "0"},
      {"encoder_layers", "65"},
      {"decoder_layers", "1000000000000"},
      {"encoder_attention_heads", "3"},
      {"decoder_attention_heads", "1"},
      {"decoder_attention_heads", "33"},
      {"encoder_ffn_dim", "256"},
      {"decoder_ffn_dim", "null"},
      {"max_source_positions", "3000"},
      {"max_target_positions", "4096"},
      {"max_target_positions", "1"},
      {"vocab_size", "0"},
      {"vocab_size", "2147483647"},
      {"vocab_size", "51865.5"},
      {"suppress_tokens", "[-1]"},
      {"suppress_tokens", "\"1,2\""},
      {"alignment_heads", "[[1]]"},
      {"alignment_heads", "[[1,\"0\"]]"},
      {"alignment_heads", "7"},
      {"activation_function", "\"relu\""},
      {"activation_function", "1"},
      {"scale_embedding", "true"},
      {"model_type", "\"wav2vec2\""},
      {"model_type", "1"},
  };
  ASSERT_TRUE(read_and_validate(with("vocab_size", "51865")).has_value());
  for (const auto& [key, value] : bad) {
    EXPECT_FALSE(read_and_validate(with(key, value)).has_value()) << key << " " << value;
  }
}

TEST(HuggingFaceConfig, NamesTheKeyThatIsMissing) {
  const auto config = read_huggingface_config(R"({"model_type":"whisper","num_mel_bins":80})", "");
  ASSERT_FALSE(config.has_value());
  EXPECT_NE(config.error().message.find("config.json: d_model"), std::string::npos)
      << config.error().message;
  const auto generation =
      read_huggingface_config(test_model::huggingface_config_text({}), "{\"suppress_tokens\":1}");
  ASSERT_FALSE(generation.has_value());
  EXPECT_NE(generation.error().message.find("generation_config.json"), std::string::npos);
}

class CTranslate2Config : public ::testing::Test {
 protected:
  void SetUp() override { list_ = test_model::ctranslate2_tensors(model_, ElementType::kFloat16); }

  Result<ModelConfig> read(const std::string& text) {
    file_ = test_model::ctranslate2_bytes(list_);
    const auto tensors = parse_ctranslate2(std::as_bytes(std::span(file_)));
    return read_ctranslate2_config(text, tensors.value());
  }
  test_model::StoredTensor& tensor(const std::string& name) {
    return *std::ranges::find(list_, name, &test_model::StoredTensor::name);
  }

  RandomModel model_{.audio_layer_count = 3, .text_layer_count = 1, .state_size = 64};
  std::vector<test_model::StoredTensor> list_;
  std::string file_;
};

TEST_F(CTranslate2Config, GivesTheShapeOfTheTensors) {
  const auto config = read(R"({"suppress_ids":[5],"suppress_ids_begin":[6],
                               "alignment_heads":[[0,0]],"lang_ids":[7]})");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->audio_layer_count, 3);
  EXPECT_EQ(config->text_layer_count, 1);
  EXPECT_EQ(config->audio_head_count, 1);
  EXPECT_EQ(config->audio_context, 1500);
  EXPECT_EQ(config->text_context, 448);
  EXPECT_EQ(config->mel_count, 80);
  EXPECT_EQ(config->vocabulary_size, model_.config().vocabulary_size);
  EXPECT_EQ(config->suppress_tokens, std::vector<int>{5});
  EXPECT_EQ(config->suppress_tokens_begin, std::vector<int>{6});
  EXPECT_TRUE(validate_config(*config).has_value());
}

TEST_F(CTranslate2Config, FailsOnHeadsOfAnotherSize) {
  tensor("decoder/num_heads").bytes = std::string("\2\0", 2);
  const auto config = read("{}");
  ASSERT_TRUE(config.has_value());
  EXPECT_FALSE(validate_config(*config).has_value());
  tensor("decoder/num_heads").type = ElementType::kFloat16;
  EXPECT_FALSE(read("{}").has_value());
}

TEST_F(CTranslate2Config, FindsHeadsWithoutTheirNumber) {
  std::erase_if(list_, [](const auto& entry) { return entry.name.ends_with("num_heads"); });
  EXPECT_EQ(read("{}").value().text_head_count, 1);
}

TEST_F(CTranslate2Config, FailsWithoutTheTensorsThatTellTheShape) {
  for (const char* name : {"encoder/conv1/weight", "encoder/position_encodings/encodings",
                           "decoder/position_encodings/encodings"}) {
    const std::string kept = tensor(name).name;
    tensor(name).name = "other";
    EXPECT_FALSE(read("{}").has_value()) << kept;
    tensor("other").name = kept;
  }
  tensor("encoder/conv1/weight").shape = {64 * 80, 3};
  EXPECT_FALSE(read("{}").has_value());
}

TEST(CompleteConfig, ComputesWhatTheFilesLeaveOut) {
  const RandomModel model;
  const auto tokenizer = make_random_tokenizer(model);
  ModelConfig config = model.config();
  ASSERT_TRUE(complete_config(config, *tokenizer).has_value());
  EXPECT_TRUE(config.multilingual);
  ASSERT_EQ(config.alignment_heads.size(), 2u);  // the second of two layers
  EXPECT_EQ(config.alignment_heads[0].layer, 1);
  const SpecialTokens& special = tokenizer->special();
  for (const int token :
       {int{'('}, int{'#'}, special.start_of_transcript, special.transcribe, special.no_speech}) {
    EXPECT_TRUE(std::ranges::binary_search(config.suppress_tokens, token)) << token;
  }
  for (const int token : {int{' '}, int{'a'}, int{','}, special.end_of_text}) {
    EXPECT_FALSE(std::ranges::binary_search(config.suppress_tokens, token)) << token;
  }
  EXPECT_EQ(config.suppress_tokens_begin, (std::vector<int>{' ', special.end_of_text}));
}

// A distilled model keeps the list of its teacher, whose layers it does not have.
TEST(CompleteConfig, DropsAlignmentHeadsOfOtherLayers) {
  const RandomModel model;
  const auto tokenizer = make_random_tokenizer(model);
  ModelConfig config = model.config();
  config.alignment_heads = {{7, 0}, {1, 1}, {-1, 0}, {0, 9}};
  ASSERT_TRUE(complete_config(config, *tokenizer).has_value());
  ASSERT_EQ(config.alignment_heads.size(), 1u);
  EXPECT_EQ(config.alignment_heads[0].head, 1);
  config.alignment_heads = {{31, 0}};
  ASSERT_TRUE(complete_config(config, *tokenizer).has_value());
  EXPECT_EQ(config.alignment_heads.size(), 2u);
}

TEST(CompleteConfig, FailsOnTokensBeyondTheVocabulary) {
  const RandomModel model;
  const auto tokenizer = make_random_tokenizer(model);
  ModelConfig config = model.config();
  config.suppress_tokens_begin = {config.vocabulary_size};
  EXPECT_FALSE(complete_config(config, *tokenizer).has_value());
}

TEST(CompleteConfig, KnowsAnEnglishOnlyModel) {
  const RandomModel model{.language_count = 0};
  const auto tokenizer = make_random_tokenizer(model);
  ModelConfig config = model.config();
  ASSERT_TRUE(complete_config(config, *tokenizer).has_value());
  EXPECT_FALSE(config.multilingual);
}

}  // namespace
}  // namespace katip::engine
