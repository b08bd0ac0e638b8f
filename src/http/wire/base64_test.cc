#include "http/wire/base64.h"

#include <gtest/gtest.h>

namespace katip::http {
namespace {

TEST(Base64, IsReadBackWhateverTheLength) {
  const std::string bytes("\0\xff\x10 talk.mp4 ş", 15);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::string part = bytes.substr(0, size);
    EXPECT_EQ(base64_decoded(base64_encoded(part)), part);
  }
  EXPECT_EQ(base64_encoded("talk.mp4"), "dGFsay5tcDQ=");
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"a", "ab", "abc", "ab=c", "====", "ab c", "abcd=", "a===", "ab\n="}) {
    EXPECT_EQ(base64_decoded(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace katip::http
