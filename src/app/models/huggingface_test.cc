#include "app/models/huggingface.h"

#include <gtest/gtest.h>

namespace katip::app {
namespace {

std::vector<RemoteFile> files(const std::vector<std::string>& names) {
  std::vector<RemoteFile> result;
  for (const std::string& name : names) {
    result.push_back({.name = name, .size = 1, .sha256 = std::nullopt});
  }
  return result;
}

std::vector<std::string> chosen(const std::vector<std::string>& names) {
  const auto result = choose_files(files(names));
  EXPECT_TRUE(result) << result.error().message;
  std::vector<std::string> kept;
  for (const RemoteFile& file : result.value_or(files({}))) {
    kept.push_back(file.name);
  }
  return kept;
}

using Names = std::vector<std::string>;

TEST(ChooseFiles, TakesTheCTranslate2Files) {
  EXPECT_EQ(chosen({".gitattributes", "README.md", "config.json", "model.bin", "tokenizer.json",
                    "vocabulary.txt"}),
            (Names{"config.json", "model.bin", "tokenizer.json", "vocabulary.txt"}));
}

TEST(ChooseFiles, TakesOneFormOfTheWeights) {
  EXPECT_EQ(chosen({"config.json", "flax_model.msgpack", "model.safetensors",
                    "model.fp32-00001-of-00002.safetensors", "pytorch_model.bin",
                    "model.safetensors.index.fp32.json", "vocab.json"}),
            (Names{"config.json", "model.safetensors", "vocab.json"}));
}

TEST(ChooseFiles, TakesShardsWhenThereIsNoWhole) {
  EXPECT_EQ(chosen({"config.json", "model-00001-of-00002.safetensors",
                    "model-00002-of-00002.safetensors", "model.safetensors.index.json"}),
            (Names{"config.json", "model-00001-of-00002.safetensors",
                   "model-00002-of-00002.safetensors", "model.safetensors.index.json"}));
}

TEST(ChooseFiles, NeverTakesAPathOrAPickle) {
  EXPECT_EQ(chosen({"config.json", "model.bin", "../model.bin", "onnx/model.bin", "a/config.json",
                    "pytorch_model.bin"}),
            (Names{"config.json", "model.bin"}));
}

TEST(ChooseFiles, SaysWhatIsMissing) {
  EXPECT_EQ(choose_files({}).error().code, ErrorCode::kNotFound);
  EXPECT_NE(choose_files(files({"model.bin"})).error().message.find("config.json"),
            std::string::npos);
  EXPECT_NE(choose_files(files({"config.json", "pytorch_model.bin"}))
                .error()
                .message.find("model.safetensors"),
            std::string::npos);
}

}  // namespace
}  // namespace katip::app
