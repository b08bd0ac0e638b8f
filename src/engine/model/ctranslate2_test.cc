#include "engine/model/ctranslate2.h"

#include <gtest/gtest.h>

#include "engine/model/testing/random_model_files.h"

namespace katip::engine {
namespace {

using test_model::ctranslate2_bytes;
using test_model::StoredTensor;

Result<TensorTable> parse(const std::string& file) {
  return parse_ctranslate2(std::as_bytes(std::span(file)));
}

const std::vector<StoredTensor>& small_list() {
  static const std::vector<StoredTensor> list = {
      {"w", ElementType::kInt8, {2, 2}, "abcd"},
      {"w_scale", ElementType::kFloat32, {2}, "efghijkl"},
      {"heads", ElementType::kInt16, {}, "mn"}};
  return list;
}

TEST(ParseCTranslate2, GivesVariablesAndAliasesWithTheirScales) {
  const std::string file = ctranslate2_bytes(small_list(), {{"v", "w"}});
  const auto tensors = parse(file);
  ASSERT_TRUE(tensors.has_value()) << tensors.error().message;
  EXPECT_EQ(tensors->size(), 5u);
  EXPECT_EQ(tensors->at("v").shape, (std::vector<std::size_t>{2, 2}));
  EXPECT_EQ(tensors->at("v").bytes.data(), tensors->at("w").bytes.data());
  EXPECT_EQ(tensors->at("v_scale").shape, (std::vector<std::size_t>{2}));
  EXPECT_TRUE(tensors->at("heads").shape.empty());
}

TEST(ParseCTranslate2, FailsWhenCutAnywhereOrContinued) {
  const std::string file = ctranslate2_bytes(small_list(), {{"v", "w"}});
  for (std::size_t size = 0; size < file.size(); ++size) {
    const auto tensors = parse(file.substr(0, size));
    ASSERT_FALSE(tensors.has_value()) << size;
    EXPECT_EQ(tensors.error().code, ErrorCode::kCorruptData);
  }
  EXPECT_FALSE(parse(file + "x"));
}

TEST(ParseCTranslate2, SaysWhatAnotherModelIs) {
  const auto other = parse(ctranslate2_bytes(small_list(), {}, 6, "TransformerSpec"));
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(other.error().message.find("TransformerSpec"), std::string::npos);
  for (const std::uint32_t version : {0u, 3u, 7u, 0xffffffffu}) {
    const auto old = parse(ctranslate2_bytes(small_list(), {}, version));
    ASSERT_FALSE(old.has_value()) << version;
    EXPECT_EQ(old.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(parse(ctranslate2_bytes(small_list(), {}, 5)).has_value());
}

TEST(ParseCTranslate2, FailsOnLyingRecords) {
  const auto bad = [](const StoredTensor& tensor) {
    return !parse(ctranslate2_bytes({tensor}, {})).has_value();
  };
  EXPECT_TRUE(bad({"w", ElementType::kFloat32, {3}, "abcdefgh"}));
  EXPECT_TRUE(bad({"w", ElementType::kFloat32, {1}, "abcdefgh"}));
  EXPECT_TRUE(bad({"w", ElementType::kFloat32, {}, "abc"}));
  EXPECT_TRUE(bad({"w", ElementType::kInt8, {1, 1, 1, 1, 1, 1, 1, 1, 1}, "a"}));
  const std::size_t large = 0xffffffff;
  EXPECT_TRUE(bad({"w", ElementType::kInt8, {large, large, large}, "a"}));
  EXPECT_TRUE(bad({"w", ElementType::kInt8, {large, large, large, large, large, 0}, "a"}));
}

TEST(ParseCTranslate2, FailsOnLyingCountsTypesAndNames) {
  std::string file = ctranslate2_bytes({{"w", ElementType::kInt8, {1}, "a"}}, {});
  const std::size_t count_at = 4 + 2 + 12 + 4;
  const std::size_t name_at = count_at + 4;
  const std::size_t type_at = name_at + 4 + 1 + 4;
  ASSERT_TRUE(parse(file).has_value());
  for (const auto& [place, value] :
       std::vector<std::pair<std::size_t, char>>{{count_at, '\2'},
                                                 {count_at + 3, '\x7f'},
                                                 {name_at, '\0'},
                                                 {name_at, '\xff'},
                                                 {name_at + 3, 'z'},
                                                 {type_at, '\6'},
                                                 {type_at, '\xff'},
                                                 {type_at + 1, '\0'},
                                                 {type_at + 4, '\1'}}) {
    std::string changed = file;
    changed[place] = value;
    EXPECT_FALSE(parse(changed).has_value()) << place << " " << static_cast<int>(value);
  }
}

TEST(ParseCTranslate2, FailsOnRepeatedNamesAndAliasesOfNothing) {
  const StoredTensor tensor{"w", ElementType::kInt8, {1}, "a"};
  EXPECT_FALSE(parse(ctranslate2_bytes({tensor, tensor}, {})));
  EXPECT_FALSE(parse(ctranslate2_bytes({tensor}, {{"v", "x"}})));
}

}  // namespace
}  // namespace katip::engine
