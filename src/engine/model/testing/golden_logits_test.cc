#include "engine/model/testing/golden_logits.h"

#include <algorithm>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "engine/model/json_text.h"
#include "engine/model/mapped_file.h"

namespace katip::engine::test_model {
namespace json = boost::json;

/// The mel that reference.py made: random, and quiet from frame 2000 on.
static std::vector<float> make_mel(const RandomModel& model) {
  constexpr std::size_t kFrameCount = 3000;
  constexpr std::ptrdiff_t kQuietFrom = 2000;
  const auto mel_count = static_cast<std::size_t>(model.mel_count);
  std::vector<float> mel = random_tensor(model.seed, "encoder/mel", {mel_count, kFrameCount});
  for (auto row = mel.begin(); row != mel.end(); row += kFrameCount) {
    std::fill(row + kQuietFrom, row + kFrameCount, -0.75f);
  }
  return mel;
}

Result<GoldenLogits> read_golden_logits(const std::string& name) {
  const std::string path = KATIP_SOURCE_DIR "/tests/golden/logits/" + name + ".json";
  const MappedFile file = KATIP_TRY(MappedFile::open(path));
  const json::object object = KATIP_TRY(parse_json_object(file.text(), path));
  const auto take = [&]<typename T>(std::string_view key, T& value) {
    value = json::value_to<T>(object.at(key));
  };
  GoldenLogits golden;
  take("mel_count", golden.model.mel_count);
  take("audio_layer_count", golden.model.audio_layer_count);
  take("text_layer_count", golden.model.text_layer_count);
  take("state_size", golden.model.state_size);
  take("language_count", golden.model.language_count);
  take("seed", golden.model.seed);
  take("tokens", golden.tokens);
  take("state_positions", golden.state_positions);
  take("state_stride", golden.state_stride);
  take("states", golden.states);
  take("logit_stride", golden.logit_stride);
  take("logits", golden.logits);
  take("best", golden.best);
  take("best_logit", golden.best_logit);
  take("logit_mean", golden.logit_mean);
  take("logit_deviation", golden.logit_deviation);
  golden.mel = make_mel(golden.model);
  return golden;
}

namespace {

TEST(GoldenLogits, EveryCaseFitsItsModel) {
  for (const char* name : kGoldenLogits) {
    const auto golden = read_golden_logits(name);
    ASSERT_TRUE(golden.has_value()) << golden.error().message;
    const ModelConfig config = golden->model.config();
    EXPECT_EQ(golden->mel.size(), static_cast<std::size_t>(config.mel_count) * 3000);
    ASSERT_EQ(golden->logits.size(), golden->tokens.size());
    ASSERT_EQ(golden->states.size(), golden->state_positions.size());
    EXPECT_EQ(golden->states.front().size(),
              static_cast<std::size_t>(config.state_size / golden->state_stride));
    const int column_count = (config.vocabulary_size - 1) / golden->logit_stride + 1;
    for (const auto& row : golden->logits) {
      EXPECT_EQ(row.size(), static_cast<std::size_t>(column_count));
    }
    EXPECT_LT(*std::ranges::max_element(golden->best), config.vocabulary_size);
  }
}

// Both generators must make the same numbers: these come from random_model.py.
TEST(RandomModel, IsTheSameAsThatOfTheReference) {
  EXPECT_EQ(random_integers(1, "encoder/conv1/weight", 4), (std::vector<int>{-37, 103, -48, -65}));
  const std::vector<float> tensor =
      random_tensor(3, "decoder/layer_0/self_attention/qkv/weight", {384, 128});
  EXPECT_EQ(tensor.front(), -0.15234375f);
  EXPECT_EQ(tensor.back(), 0.1025390625f);
}

TEST(RandomModel, HasTheSameNumbersInEveryType) {
  for (const float value : random_tensor(7, "decoder/layer_norm/gamma", {128})) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(value) & 0xffff, 0u) << value << " is no bfloat16";
    TensorView view{ElementType::kFloat16, {1}, {}};
    const std::string bytes = store({value}, ElementType::kFloat16, 1.0f);
    view.bytes = std::as_bytes(std::span(bytes));
    float read = 0.0f;
    ASSERT_TRUE(read_floats(view, nullptr, {&read, 1}).has_value());
    EXPECT_EQ(read, value);
  }
}

}  // namespace
}  // namespace katip::engine::test_model
