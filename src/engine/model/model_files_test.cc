#include "engine/model/model_files.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "engine/engine.h"
#include "engine/model/testing/random_model_files.h"
#include "engine/model/weight_names.h"

namespace katip::engine {
namespace {

namespace fs = std::filesystem;
using test_model::RandomModel;
using test_model::StoredTensor;
using test_model::write_file;

constexpr RandomModel kSmall = {.audio_layer_count = 1, .text_layer_count = 1, .state_size = 64};

/// Opens the folder and reads everything in it.
Status load_all(const fs::path& folder) {
  const ModelFiles model = KATIP_TRY(ModelFiles::open(folder));
  for (const WeightShape& weight : weight_shapes(model.config)) {
    auto tensor = model.weights->load(weight.name);
    if (!tensor) return std::unexpected(tensor.error());
  }
  return {};
}

void expect_random_weights(const ModelFiles& files, const RandomModel& model) {
  for (const WeightShape& weight : weight_shapes(model.config())) {
    const auto tensor = files.weights->load(weight.name);
    ASSERT_TRUE(tensor.has_value()) << tensor.error().message;
    EXPECT_EQ(tensor->shape, weight.shape) << weight.name;
    EXPECT_EQ(tensor->data, test_model::random_tensor(model.seed, weight.name, weight.shape))
        << weight.name;
  }
}

void expect_failure(const fs::path& folder, ErrorCode code, const std::string& words) {
  const auto status = load_all(folder);
  ASSERT_FALSE(status.has_value()) << words;
  EXPECT_EQ(status.error().code, code) << status.error().message;
  EXPECT_NE(status.error().message.find(words), std::string::npos) << status.error().message;
}

// The widths of all published sizes are multiples of 64; depth and everything else is as published.
constexpr std::pair<const char*, RandomModel> kFamilies[] = {
    {"tiny", {80, 4, 4, 64, 99, 1}},
    {"tiny_en", {80, 4, 4, 64, 0, 2}},
    {"small", {80, 12, 12, 64, 99, 3}},
    {"large_v2", {80, 32, 32, 64, 99, 4}},
    {"large_v3", {128, 32, 32, 64, 100, 5}},
    {"turbo", {128, 32, 4, 64, 100, 6}},
    {"distil_large_v3", {128, 32, 2, 64, 100, 7}},
    {"distil_small_en", {80, 12, 4, 128, 0, 8}},
};

class EveryFamily : public ::testing::TestWithParam<std::pair<const char*, RandomModel>> {};

TEST_P(EveryFamily, LoadsAlikeFromBothFormats) {
  const RandomModel& model = GetParam().second;
  const TemporaryFolder folder;
  test_model::write_huggingface(folder.path() / "a", model, ElementType::kFloat16);
  test_model::write_ctranslate2(folder.path() / "b", model, ElementType::kBfloat16);
  for (const char* name : {"a", "b"}) {
    const auto files = ModelFiles::open(folder.path() / name);
    ASSERT_TRUE(files.has_value()) << files.error().message;
    EXPECT_EQ(files->config.mel_count, model.mel_count);
    EXPECT_EQ(files->config.audio_layer_count, model.audio_layer_count);
    EXPECT_EQ(files->config.text_layer_count, model.text_layer_count);
    EXPECT_EQ(files->config.multilingual, model.language_count > 0);
    EXPECT_EQ(files->tokenizer->special().language_count, model.language_count);
    EXPECT_FALSE(files->config.alignment_heads.empty());
    expect_random_weights(*files, model);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryFamily, ::testing::ValuesIn(kFamilies),
                         [](const auto& parameter) { return parameter.param.first; });

TEST(ModelFiles, ReadsEveryTypeOfHuggingFaceFile) {
  for (const ElementType type :
       {ElementType::kFloat32, ElementType::kFloat16, ElementType::kBfloat16}) {
    const TemporaryFolder folder;
    test_model::write_huggingface(folder.path(), kSmall, type);
    const auto files = ModelFiles::open(folder.path());
    ASSERT_TRUE(files.has_value()) << files.error().message;
    expect_random_weights(*files, kSmall);
  }
}

TEST(ModelFiles, ReadsEveryTypeOfCTranslate2File) {
  for (const ElementType type : {ElementType::kFloat32, ElementType::kFloat16,
                                 ElementType::kBfloat16, ElementType::kInt16, ElementType::kInt8}) {
    const TemporaryFolder folder;
    test_model::write_ctranslate2(folder.path(), kSmall, type);
    const auto files = ModelFiles::open(folder.path());
    ASSERT_TRUE(files.has_value()) << files.error().message;
    expect_random_weights(*files, kSmall);
  }
}

TEST(ModelFiles, ReadsNamesWithoutModelInFront) {
  const TemporaryFolder folder;
  test_model::write_huggingface(folder.path(), kSmall, ElementType::kFloat16);
  write_file(folder.path() / "model.safetensors",
             test_model::safetensors_bytes(
                 test_model::huggingface_tensors(kSmall, ElementType::kFloat16, "")));
  const auto files = ModelFiles::open(folder.path());
  ASSERT_TRUE(files.has_value()) << files.error().message;
  expect_random_weights(*files, kSmall);
}

/// The tensors in two files, as large models are published.
void write_shards(const fs::path& folder, const RandomModel& model) {
  const auto all = test_model::huggingface_tensors(model, ElementType::kFloat16);
  const std::vector<StoredTensor> first(all.begin(), all.begin() + 20);
  const std::vector<StoredTensor> second(all.begin() + 20, all.end());
  std::string index;
  const auto add = [&](const std::vector<StoredTensor>& part, const std::string& file_name) {
    write_file(folder / file_name, test_model::safetensors_bytes(part));
    for (const StoredTensor& tensor : part) {
      index += (index.empty() ? "\"" : ",\"") + tensor.name + "\":\"" + file_name + "\"";
    }
  };
  test_model::write_huggingface(folder, model, ElementType::kFloat16);
  fs::remove(folder / "model.safetensors");
  add(first, "model-00001-of-00002.safetensors");
  add(second, "model-00002-of-00002.safetensors");
  write_file(folder / "model.safetensors.index.json", "{\"weight_map\":{" + index + "}}");
}

TEST(ModelFiles, ReadsShards) {
  const TemporaryFolder folder;
  write_shards(folder.path(), kSmall);
  const auto files = ModelFiles::open(folder.path());
  ASSERT_TRUE(files.has_value()) << files.error().message;
  expect_random_weights(*files, kSmall);
}

TEST(ModelFiles, NamesAShardThatIsMissing) {
  const TemporaryFolder folder;
  write_shards(folder.path(), kSmall);
  fs::remove(folder.path() / "model-00002-of-00002.safetensors");
  expect_failure(folder.path(), ErrorCode::kNotFound, "model-00002-of-00002.safetensors");
}

TEST(ModelFiles, NamesEveryFileThatIsMissing) {
  const TemporaryFolder folder;
  expect_failure(folder.path() / "none", ErrorCode::kNotFound, "katip models pull");
  expect_failure(folder.path(), ErrorCode::kNotFound, "model.safetensors");
  for (const char* name : {"config.json", "tokenizer.json", "model.safetensors"}) {
    test_model::write_huggingface(folder.path() / "a", kSmall, ElementType::kFloat16);
    fs::remove(folder.path() / "a" / name);
    expect_failure(folder.path() / "a", ErrorCode::kNotFound, name);
  }
  for (const char* name : {"config.json", "vocabulary.json", "model.bin"}) {
    test_model::write_ctranslate2(folder.path() / "b", kSmall, ElementType::kFloat16);
    fs::remove(folder.path() / "b" / name);
    expect_failure(folder.path() / "b", ErrorCode::kNotFound, name);
  }
}

TEST(ModelFiles, SaysHowToConvertWhatItCannotRead) {
  const TemporaryFolder folder;
  write_file(folder.path() / "pickle/pytorch_model.bin", "x");
  expect_failure(folder.path() / "pickle", ErrorCode::kNotFound, "save_pretrained");
  write_file(folder.path() / "adapter/adapter_model.safetensors", "x");
  expect_failure(folder.path() / "adapter", ErrorCode::kNotFound, "merge");
}

class BrokenTensor : public ::testing::Test {
 protected:
  void SetUp() override {
    test_model::write_huggingface(folder_.path() / "a", kSmall, ElementType::kFloat32);
    test_model::write_ctranslate2(folder_.path() / "b", kSmall, ElementType::kFloat32);
    first_ = test_model::huggingface_tensors(kSmall, ElementType::kFloat32);
    second_ = test_model::ctranslate2_tensors(kSmall, ElementType::kFloat32);
  }
  static StoredTensor& find(std::vector<StoredTensor>& list, const std::string& end) {
    return *std::ranges::find_if(list, [&](const auto& item) { return item.name.ends_with(end); });
  }
  void expect_failures(const std::string& words) {
    write_file(folder_.path() / "a/model.safetensors", test_model::safetensors_bytes(first_));
    write_file(folder_.path() / "b/model.bin", test_model::ctranslate2_bytes(second_, {}));
    expect_failure(folder_.path() / "a", ErrorCode::kCorruptData, words);
    expect_failure(folder_.path() / "b", ErrorCode::kCorruptData, words);
  }

  TemporaryFolder folder_;
  std::vector<StoredTensor> first_;
  std::vector<StoredTensor> second_;
};

TEST_F(BrokenTensor, IsNamedWhenItIsMissing) {
  find(first_, "decoder.layers.0.fc1.weight").name = "x";
  find(second_, "decoder/layer_0/ffn/linear_0/weight").name = "x";
  expect_failures("is missing");
}

TEST_F(BrokenTensor, IsNamedWhenItsShapeIsAnother) {
  for (StoredTensor* tensor : {&find(first_, "decoder.layers.0.fc1.weight"),
                               &find(second_, "decoder/layer_0/ffn/linear_0/weight")}) {
    std::swap(tensor->shape[0], tensor->shape[1]);
  }
  expect_failures("has the shape [64, 256], the configuration says [256, 64]");
}

TEST_F(BrokenTensor, IsNamedWhenItsTypeIsAnother) {
  for (StoredTensor* tensor : {&find(first_, "decoder.layers.0.fc1.weight"),
                               &find(second_, "decoder/layer_0/ffn/linear_0/weight")}) {
    tensor->type = ElementType::kInt8;
    tensor->bytes.resize(tensor->bytes.size() / 4);
  }
  expect_failures("type that cannot be read");
}

TEST_F(BrokenTensor, IsNamedWhenANumberIsNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (StoredTensor* tensor : {&find(first_, "decoder.layers.0.fc1.weight"),
                               &find(second_, "decoder/layer_0/ffn/linear_0/weight")}) {
    std::memcpy(tensor->bytes.data() + tensor->bytes.size() - 4, &nan, 4);
  }
  expect_failures("decoder/layer_0/ffn/up/weight: it holds numbers that are not finite");
}

TEST_F(BrokenTensor, IsNoticedWhenTheFileIsCut) {
  for (const char* name : {"a/model.safetensors", "b/model.bin"}) {
    const fs::path path = folder_.path() / name;
    const auto size = fs::file_size(path);
    for (const auto cut : {size - 1, size / 2, std::uintmax_t{9}, std::uintmax_t{0}}) {
      fs::resize_file(path, cut);
      const auto status = load_all(path.parent_path());
      ASSERT_FALSE(status.has_value()) << name << " " << cut;
      EXPECT_EQ(status.error().code, ErrorCode::kCorruptData) << status.error().message;
      EXPECT_NE(status.error().message.find(path.string()), std::string::npos);
    }
  }
}

TEST(Weights, LoadFailsForUnknownNames) {
  const TemporaryFolder folder;
  test_model::write_ctranslate2(folder.path(), kSmall, ElementType::kFloat16);
  const auto files = ModelFiles::open(folder.path());
  ASSERT_TRUE(files.has_value());
  const auto tensor = files->weights->load("decoder/layer_9/ffn/up/weight");
  ASSERT_FALSE(tensor.has_value());
  EXPECT_EQ(tensor.error().code, ErrorCode::kCorruptData);
}

TEST(ModelFiles, ReadsThePublishedModels) {
  const fs::path models = KATIP_SOURCE_DIR "/.deps/models";
  if (!fs::exists(models / "base/model.bin")) GTEST_SKIP() << "run tools/setup for base";
  const auto base = ModelFiles::open(models / "base");
  ASSERT_TRUE(base.has_value()) << base.error().message;
  EXPECT_EQ(base->config.state_size, 512);
  EXPECT_EQ(base->config.vocabulary_size, 51865);
  EXPECT_EQ(base->config.alignment_heads.size(), 8u);
  EXPECT_EQ(base->config.alignment_heads.front().layer, 3);
  EXPECT_EQ(base->config.suppress_tokens.size(), 88u);
  EXPECT_EQ(base->config.suppress_tokens_begin, (std::vector<int>{220, 50257}));
  const auto bias = base->weights->load("encoder/layer_0/self_attention/qkv/bias");
  ASSERT_TRUE(bias.has_value());
  ASSERT_EQ(bias->data.size(), 1536u);
  EXPECT_NE(bias->data.front(), 0.0f);
  EXPECT_EQ(bias->data[512], 0.0f) << "keys have no bias";
}

}  // namespace
}  // namespace katip::engine
