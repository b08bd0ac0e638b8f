#include "base/secret.h"

#include <concepts>
#include <ostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace katip {
namespace {

template <typename T>
concept Streamable = requires(std::ostream& stream, const T& value) { stream << value; };
static_assert(!Streamable<Secret>, "a secret must not reach a stream");
static_assert(!std::convertible_to<Secret, std::string>, "a secret must not turn into text");
static_assert(!fmt::is_formattable<Secret>::value, "a secret must not be formatted");

TEST(Secret, ShowsNeitherTextNorLength) {
  EXPECT_EQ(Secret("a").masked(), Secret("a much longer one").masked());
  EXPECT_EQ(Secret().masked(), "(not set)");
  EXPECT_EQ(Secret("hf_token").reveal(), "hf_token");
}

}  // namespace
}  // namespace katip
