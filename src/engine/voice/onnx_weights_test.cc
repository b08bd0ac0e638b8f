#include "engine/voice/onnx_weights.h"

#include <cstring>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::engine {
namespace {

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>((value & 0x7f) | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

std::string number_field(int number, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(number) << 3) + varint(value);
}

std::string bytes_field(int number, const std::string& bytes) {
  return varint(static_cast<std::uint64_t>(number) << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string tensor(const std::string& name, const std::vector<std::uint64_t>& shape,
                   std::size_t byte_count) {
  std::string message;
  for (const std::uint64_t dimension : shape) message += number_field(1, dimension);
  message += number_field(2, 1) + bytes_field(8, name);
  return bytes_field(5, message + bytes_field(9, std::string(byte_count, '\0')));
}

std::string node() {
  return bytes_field(1, bytes_field(1, "input") + bytes_field(1, "weight") +
                            bytes_field(2, "output") + bytes_field(4, "Conv"));
}

Result<OnnxWeights> parse(const std::string& bytes) {
  return parse_onnx_weights(std::as_bytes(std::span(bytes)));
}

TEST(OnnxWeights, GivesTensorsAndOperationsAndPassesOverTheRest) {
  const std::string unknown = number_field(1, 8) + bytes_field(2, "somebody") +
                              varint(99 << 3 | 5) + "1234" + varint(98 << 3 | 1) + "12345678";
  const std::string file =
      unknown + bytes_field(7, node() + tensor("weight", {2, 3}, 24) + number_field(97, 3));
  const auto onnx = parse(file);
  ASSERT_TRUE(onnx) << onnx.error().message;
  ASSERT_EQ(onnx->nodes.size(), 1U);
  EXPECT_EQ(onnx->nodes[0].operation, "Conv");
  EXPECT_THAT(onnx->nodes[0].inputs, testing::ElementsAre("input", "weight"));
  const TensorView& weight = onnx->tensors.at("weight");
  EXPECT_THAT(weight.shape, testing::ElementsAre(2, 3));
  EXPECT_EQ(weight.bytes.size(), 24U);
}

TEST(OnnxWeights, RefusesATensorWhoseBytesAreNotThoseOfItsShape) {
  for (const std::uint64_t dimension : {std::uint64_t{5}, ~std::uint64_t{0}, std::uint64_t{0}}) {
    const auto onnx = parse(bytes_field(7, node() + tensor("weight", {2, dimension}, 24)));
    ASSERT_FALSE(onnx);
    EXPECT_EQ(onnx.error().code, ErrorCode::kCorruptData);
    EXPECT_THAT(onnx.error().message, testing::HasSubstr("weight"));
  }
}

TEST(OnnxWeights, RefusesEveryFileThatBreaksOff) {
  const std::string file = bytes_field(7, node() + tensor("weight", {2, 3}, 24));
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(parse(file.substr(0, size))) << size;
  }
}

TEST(OnnxWeights, SurvivesEveryChangedByte) {
  const std::string file = bytes_field(7, node() + tensor("weight", {2, 3}, 24));
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = file;
      changed[at] = static_cast<char>(value);
      const auto onnx = parse(changed);
      if (!onnx) {
        EXPECT_EQ(onnx.error().code, ErrorCode::kCorruptData);
      }
    }
  }
}

TEST(OnnxWeights, SurvivesNoise) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const auto onnx = parse(bytes);
    if (!onnx) {
      EXPECT_EQ(onnx.error().code, ErrorCode::kCorruptData);
    }
  }
}

}  // namespace
}  // namespace katip::engine
