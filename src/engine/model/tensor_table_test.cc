#include "engine/model/tensor_table.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

template <typename Raw>
std::vector<std::byte> raw_bytes(const std::vector<Raw>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(Raw));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

Result<std::vector<float>> read(ElementType type, std::vector<std::size_t> shape,
                                const std::vector<std::byte>& bytes,
                                const TensorView* scale = nullptr) {
  std::vector<float> out(element_count(shape).value());
  const TensorView view{type, std::move(shape), bytes};
  if (auto status = read_floats(view, scale, out); !status) {
    return std::unexpected(status.error());
  }
  return out;
}

TEST(ElementCount, FailsOnOverflow) {
  EXPECT_EQ(element_count(std::vector<std::size_t>{}), 1u);
  EXPECT_EQ(element_count(std::vector<std::size_t>{3, 0, 5}), 0u);
  EXPECT_EQ(element_count(std::vector<std::size_t>{3, 4, 5}), 60u);
  EXPECT_EQ(element_count(std::vector<std::size_t>{std::size_t{1} << 40, std::size_t{1} << 24}),
            std::nullopt);
}

// Every half there is, against its definition: sign, 5 bits of exponent, 10 of fraction.
TEST(ReadFloats, ReadsEveryFiniteHalfExactly) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const int fraction = static_cast<int>(bits & 1023);
    const auto value = read(ElementType::kFloat16, {1},
                            raw_bytes<std::uint16_t>({static_cast<std::uint16_t>(bits)}));
    if (exponent == 31) {
      EXPECT_FALSE(value.has_value()) << bits;
      continue;
    }
    const double magnitude =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    const double expected = (bits & 0x8000) != 0 ? -magnitude : magnitude;
    ASSERT_TRUE(value.has_value()) << bits;
    ASSERT_EQ(value->front(), expected) << bits;
    ASSERT_EQ(std::signbit(value->front()), std::signbit(expected)) << bits;
  }
}

TEST(ReadFloats, ReadsBfloat16AndFloat32) {
  const auto half =
      read(ElementType::kBfloat16, {3}, raw_bytes<std::uint16_t>({0x3f80, 0xc000, 0x0001}));
  ASSERT_TRUE(half.has_value());
  EXPECT_EQ(*half, (std::vector<float>{1.0f, -2.0f, 0x1p-133f}));
  const auto full = read(ElementType::kFloat32, {2}, raw_bytes<float>({1.5f, -0.25f}));
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(*full, (std::vector<float>{1.5f, -0.25f}));
}

TEST(ReadFloats, RejectsNumbersThatAreNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {nan, -nan, infinity, -infinity}) {
    const auto value = read(ElementType::kFloat32, {3}, raw_bytes<float>({1.0f, bad, 2.0f}));
    ASSERT_FALSE(value.has_value());
    EXPECT_EQ(value.error().code, ErrorCode::kCorruptData);
  }
  EXPECT_FALSE(read(ElementType::kBfloat16, {1}, raw_bytes<std::uint16_t>({0x7fc0})));
}

TEST(ReadFloats, DividesIntegersByTheScaleOfTheirRow) {
  const auto scale_bytes = raw_bytes<float>({2.0f, 10.0f});
  const TensorView scale{ElementType::kFloat32, {2}, scale_bytes};
  const auto value =
      read(ElementType::kInt8, {2, 2}, raw_bytes<std::int8_t>({-128, 127, 5, 0}), &scale);
  ASSERT_TRUE(value.has_value()) << value.error().message;
  EXPECT_EQ(*value, (std::vector<float>{-64.0f, 63.5f, 0.5f, 0.0f}));

  const auto one_bytes = raw_bytes<float>({4.0f});
  const TensorView one{ElementType::kFloat32, {}, one_bytes};
  const auto wide = read(ElementType::kInt16, {1, 2}, raw_bytes<std::int16_t>({1000, -2}), &one);
  ASSERT_TRUE(wide.has_value());
  EXPECT_EQ(*wide, (std::vector<float>{250.0f, -0.5f}));
}

TEST(ReadFloats, RejectsScalesThatCannotBe) {
  const auto bytes = raw_bytes<std::int8_t>({1, 2, 3, 4});
  EXPECT_FALSE(read(ElementType::kInt8, {2, 2}, bytes));
  for (const float bad : {0.0f, -1.0f, 1e-40f, std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity()}) {
    const auto scale_bytes = raw_bytes<float>({1.0f, bad});
    const TensorView scale{ElementType::kFloat32, {2}, scale_bytes};
    EXPECT_FALSE(read(ElementType::kInt8, {2, 2}, bytes, &scale)) << bad;
  }
  const auto three_bytes = raw_bytes<float>({1.0f, 1.0f, 1.0f});
  const TensorView three{ElementType::kFloat32, {3}, three_bytes};
  EXPECT_FALSE(read(ElementType::kInt8, {2, 2}, bytes, &three));
  const TensorView integers{ElementType::kInt8, {2}, std::span(bytes).first(2)};
  EXPECT_FALSE(read(ElementType::kInt8, {2, 2}, bytes, &integers));
}

TEST(ReadFloats, RejectsCountsAndTypesThatDoNotFit) {
  EXPECT_FALSE(read(ElementType::kFloat32, {2}, raw_bytes<float>({1.0f})));
  EXPECT_FALSE(read(ElementType::kFloat16, {1}, std::vector<std::byte>(3)));
  EXPECT_FALSE(read(ElementType::kOther, {1}, std::vector<std::byte>(8)));
  EXPECT_FALSE(read(ElementType::kInt32, {1}, std::vector<std::byte>(4)));
  EXPECT_TRUE(read(ElementType::kFloat32, {0}, {}));
}

}  // namespace
}  // namespace katip::engine
