#include "engine/model/safetensors.h"

#include <gtest/gtest.h>

#include "engine/model/mapped_file.h"
#include "engine/model/testing/random_model_files.h"

namespace katip::engine {
namespace {

using test_model::append_raw;
using test_model::safetensors_bytes;

Result<TensorTable> parse(const std::string& file) {
  return parse_safetensors(std::as_bytes(std::span(file)));
}

std::string with_header(const std::string& header, const std::string& data) {
  std::string file;
  append_raw(file, static_cast<std::uint64_t>(header.size()));
  return file + header + data;
}

std::string entry(const std::string& type, const std::string& shape, const std::string& offsets) {
  return R"({"a":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}}";
}

TEST(ParseSafetensors, GivesTypesShapesAndBytes) {
  const std::string file = safetensors_bytes({{"a", ElementType::kFloat32, {2, 1}, "abcdefgh"},
                                              {"b", ElementType::kFloat16, {1}, "ij"},
                                              {"c", ElementType::kBfloat16, {}, "kl"}});
  const auto tensors = parse(file);
  ASSERT_TRUE(tensors.has_value()) << tensors.error().message;
  ASSERT_EQ(tensors->size(), 3u);
  EXPECT_EQ(tensors->at("a").shape, (std::vector<std::size_t>{2, 1}));
  EXPECT_EQ(tensors->at("a").type, ElementType::kFloat32);
  EXPECT_EQ(tensors->at("b").type, ElementType::kFloat16);
  EXPECT_EQ(tensors->at("c").type, ElementType::kBfloat16);
  EXPECT_EQ(tensors->at("c").bytes.front(), std::byte{'k'});
}

TEST(ParseSafetensors, TakesAnEmptyModel) {
  EXPECT_TRUE(parse(with_header("{}", "")).value().empty());
  EXPECT_TRUE(parse(with_header(R"({"__metadata__":{"format":"pt"}}  )", "")).value().empty());
}

TEST(ParseSafetensors, FailsWhenCutAnywhere) {
  const std::string file = safetensors_bytes(
      {{"a", ElementType::kFloat32, {2}, "abcdefgh"}, {"b", ElementType::kFloat16, {1}, "ij"}});
  for (std::size_t size = 0; size < file.size(); ++size) {
    const auto tensors = parse(file.substr(0, size));
    ASSERT_FALSE(tensors.has_value()) << size;
    EXPECT_EQ(tensors.error().code, ErrorCode::kCorruptData);
  }
  EXPECT_TRUE(parse(file).has_value());
}

TEST(ParseSafetensors, FailsOnEveryLyingEntry) {
  const std::string data = "abcdefgh";
  EXPECT_TRUE(parse(with_header(entry("F32", "[2]", "[0,8]"), data)).has_value());
  const std::string bad[] = {
      entry("F32", "[3]", "[0,8]"),
      entry("F32", "[2]", "[0,4]"),
      entry("F32", "[2]", "[0,12]"),
      entry("F32", "[2]", "[8,0]"),
      entry("F32", "[2]", "[1,9]"),
      entry("F32", "[1]", "[4,8]"),
      entry("F32", "[1]", "[0,4]"),
      entry("F32", "[2]", "[0,8,8]"),
      entry("F32", "[2]", "[0]"),
      entry("F32", "[2]", "[-8,0]"),
      entry("F32", "[-2]", "[0,8]"),
      entry("F32", "[2.5]", "[0,8]"),
      entry("F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]"),
      entry("F32", "[9223372036854775808,2]", "[0,8]"),
      entry("F32", "[18446744073709551615,18446744073709551615]", "[0,8]"),
      entry("F32", "[4611686018427387906]", "[0,8]"),
      entry("F32", "[2]", "[0,18446744073709551615]"),
      entry("F32", "[2]", "[18446744073709551608,18446744073709551615]"),
      entry("F99", "[2]", "[0,8]"),
      entry("", "[2]", "[0,8]"),
      entry("F32", "2", "[0,8]"),
      entry("F32", "[2]", "\"0,8\""),
      R"({"a":{"shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[2]}})",
      R"({"a":7})",
      R"([1])",
      R"({"a":)",
  };
  for (const std::string& header : bad) {
    const auto tensors = parse(with_header(header, data));
    ASSERT_FALSE(tensors.has_value()) << header;
    EXPECT_EQ(tensors.error().code, ErrorCode::kCorruptData) << header;
  }
}

TEST(ParseSafetensors, FailsOnOverlapsAndHoles) {
  const auto two = [](const std::string& first, const std::string& second) {
    return with_header(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + first +
                           R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + second + "}}",
                       "abcdefghijkl");
  };
  EXPECT_FALSE(parse(two("[0,4]", "[2,6]")));
  EXPECT_FALSE(parse(two("[0,4]", "[0,4]")));
  EXPECT_FALSE(parse(two("[0,4]", "[8,12]")));
  EXPECT_FALSE(parse(two("[4,8]", "[8,12]")));
}

TEST(ParseSafetensors, FailsOnALyingHeaderSize) {
  for (const std::uint64_t size :
       {std::uint64_t{3}, std::uint64_t{1'000'000}, ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
    std::string file;
    append_raw(file, size);
    EXPECT_FALSE(parse(file + "{}")) << size;
  }
}

TEST(ParseSafetensors, ReadsAPublishedFile) {
  const auto file =
      MappedFile::open(KATIP_SOURCE_DIR "/.deps/models/silero-vad/silero_vad_16k.safetensors");
  if (!file) GTEST_SKIP() << "run tools/setup for the published file";
  const auto tensors = parse_safetensors(file->bytes());
  ASSERT_TRUE(tensors.has_value()) << tensors.error().message;
  EXPECT_GT(tensors->size(), 5u);
}

TEST(ParseSafetensorsIndex, GivesTheFileOfEachTensor) {
  const auto files = parse_safetensors_index(
      R"({"metadata":{"total_size":1},"weight_map":{"a":"model-1.safetensors","b":"m2"}})");
  ASSERT_TRUE(files.has_value()) << files.error().message;
  EXPECT_EQ(files->at("a"), "model-1.safetensors");
  EXPECT_EQ(files->at("b"), "m2");
}

TEST(ParseSafetensorsIndex, RefusesPathsOutOfTheFolder) {
  for (const char* name :
       {"../a", "/etc/passwd", "a/b", "", ".", "..", ".hidden", "a\\\\b", "a\\u0000b"}) {
    const auto files =
        parse_safetensors_index(R"({"weight_map":{"a":")" + std::string(name) + "\"}}");
    EXPECT_FALSE(files.has_value()) << name;
  }
  EXPECT_FALSE(parse_safetensors_index("{}"));
  EXPECT_FALSE(parse_safetensors_index(R"({"weight_map":[]})"));
  EXPECT_FALSE(parse_safetensors_index(R"({"weight_map":{"a":1}})"));
}

}  // namespace
}  // namespace katip::engine
