#include "base/hmac.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace katip {
namespace {

std::string hexadecimal(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

// Expected: the test cases 1, 2 and 6 of RFC 4231.
TEST(Hmac, MakesTheSumsOfTheSpecification) {
  EXPECT_EQ(hexadecimal(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hexadecimal(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hexadecimal(hmac_sha256(std::string(131, '\xaa'),
                                    "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, OfNothingDependsOnTheKey) {
  EXPECT_EQ(hmac_sha256("a", "").size(), 32U);
  EXPECT_NE(hmac_sha256("a", ""), hmac_sha256("b", ""));
  EXPECT_EQ(hmac_sha256(std::string_view(), std::string_view()).size(), 32U);
}

}  // namespace
}  // namespace katip
