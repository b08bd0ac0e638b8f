#include "text/byte_list.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace katip::text {
namespace {

namespace json = boost::json;
using namespace std::string_view_literals;

std::optional<std::string> bytes_of(std::string_view text) {
  return bytes_in(json::parse(text).as_array());
}

TEST(ByteList, HasEveryByteAsANumber) {
  EXPECT_EQ(json::serialize(byte_list("")), "[]");
  EXPECT_EQ(json::serialize(byte_list("a\0\xC5\xFF"sv)), "[97,0,197,255]");
}

TEST(ByteList, GivesBackWhatItWasMadeOf) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(bytes_of(json::serialize(byte_list(all))), all);
}

TEST(ByteList, IsNothingWhereSomethingElseIsInIt) {
  for (const char* text :
       {"[-1]", "[256]", "[97, 1.5]", "[\"a\"]", "[null]", "[[97]]", "[18446744073709551615]"}) {
    EXPECT_EQ(bytes_of(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace katip::text
