#include "engine/model/weight_names.h"

#include <set>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

ModelConfig make_config(int mel_count, int state_size, int audio_layers, int text_layers,
                        int vocabulary_size) {
  ModelConfig config;
  config.mel_count = mel_count;
  config.state_size = state_size;
  config.audio_layer_count = audio_layers;
  config.text_layer_count = text_layers;
  config.vocabulary_size = vocabulary_size;
  return config;
}

// As `transformers` counts the parameters of the published models.
TEST(ParameterCount, IsThatOfThePublishedModels) {
  EXPECT_EQ(parameter_count(make_config(80, 384, 4, 4, 51865)), 37'760'640);
  EXPECT_EQ(parameter_count(make_config(80, 512, 6, 6, 51865)), 72'593'920);
  EXPECT_EQ(parameter_count(make_config(80, 768, 12, 12, 51865)), 241'734'912);
  EXPECT_EQ(parameter_count(make_config(80, 1024, 24, 24, 51865)), 763'857'920);
  EXPECT_EQ(parameter_count(make_config(80, 1280, 32, 32, 51865)), 1'543'304'960);
  EXPECT_EQ(parameter_count(make_config(128, 1280, 32, 32, 51866)), 1'543'490'560);
  EXPECT_EQ(parameter_count(make_config(128, 1280, 32, 4, 51866)), 808'878'080);
}

// The names in the published model.safetensors files.
TEST(HuggingFaceSources, AreThePublishedNames) {
  std::set<std::string> names;
  for (const WeightShape& weight : weight_shapes(make_config(80, 64, 1, 1, 100))) {
    for (const WeightSource& source : huggingface_sources(weight.name)) {
      if (!source.optional) names.insert(source.name);
    }
  }
  std::set<std::string> expected = {"encoder.conv1.weight",           "encoder.conv1.bias",
                                    "encoder.conv2.weight",           "encoder.conv2.bias",
                                    "encoder.embed_positions.weight", "encoder.layer_norm.weight",
                                    "encoder.layer_norm.bias",        "decoder.embed_tokens.weight",
                                    "decoder.embed_positions.weight", "decoder.layer_norm.weight",
                                    "decoder.layer_norm.bias"};
  const auto add_block = [&](const std::string& block) {
    expected.insert(block + ".weight");
    if (!block.ends_with("k_proj")) expected.insert(block + ".bias");
  };
  for (const char* half : {"encoder", "decoder"}) {
    for (const char* block :
         {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj",
          "self_attn_layer_norm", "fc1", "fc2", "final_layer_norm"}) {
      add_block(std::string(half) + ".layers.0." + block);
    }
  }
  for (const char* block : {"encoder_attn.q_proj", "encoder_attn.k_proj", "encoder_attn.v_proj",
                            "encoder_attn.out_proj", "encoder_attn_layer_norm"}) {
    add_block("decoder.layers.0." + std::string(block));
  }
  EXPECT_EQ(names, expected);
}

TEST(HuggingFaceSources, StackQueriesKeysAndValuesInThisOrder) {
  const auto qkv = huggingface_sources("encoder/layer_12/self_attention/qkv/weight");
  ASSERT_EQ(qkv.size(), 3u);
  EXPECT_EQ(qkv[0].name, "encoder.layers.12.self_attn.q_proj.weight");
  EXPECT_EQ(qkv[1].name, "encoder.layers.12.self_attn.k_proj.weight");
  EXPECT_EQ(qkv[2].name, "encoder.layers.12.self_attn.v_proj.weight");
  const auto bias = huggingface_sources("decoder/layer_3/cross_attention/key_value/bias");
  ASSERT_EQ(bias.size(), 2u);
  EXPECT_TRUE(bias[0].optional);
  EXPECT_EQ(bias[1].name, "decoder.layers.3.encoder_attn.v_proj.bias");
  EXPECT_FALSE(bias[1].optional);
}

TEST(CTranslate2Sources, AreOneToOne) {
  const auto source = ctranslate2_sources("decoder/layer_3/cross_attention/key_value/weight");
  ASSERT_EQ(source.size(), 1u);
  EXPECT_EQ(source.front().name, "decoder/layer_3/attention/linear_1/weight");
  EXPECT_EQ(ctranslate2_sources("encoder/positions").front().name,
            "encoder/position_encodings/encodings");
  EXPECT_EQ(ctranslate2_sources("decoder/embeddings").front().name, "decoder/embeddings/weight");
  EXPECT_EQ(ctranslate2_sources("encoder/layer_norm/gamma").front().name,
            "encoder/layer_norm/gamma");
}

}  // namespace
}  // namespace katip::engine
