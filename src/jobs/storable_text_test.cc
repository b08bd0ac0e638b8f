#include "jobs/storable_text.h"

#include <gtest/gtest.h>

namespace katip::jobs {
namespace {

using namespace std::string_view_literals;

TEST(StorableText, KeepsWhatIsGood) {
  EXPECT_EQ(storable_text(""), "");
  EXPECT_EQ(storable_text("dosya bulunamadı: çağrı.mp4 𝄞"), "dosya bulunamadı: çağrı.mp4 𝄞");
}

TEST(StorableText, CutsBetweenLetters) {
  EXPECT_EQ(storable_text("aşb", 2), "a");
  EXPECT_EQ(storable_text("aşb", 3), "aş");
}

TEST(StorableText, ReplacesWhatIsNoLetter) {
  EXPECT_EQ(storable_text("a\xFF"
                          "b"sv),
            "a?b");
  EXPECT_EQ(storable_text("\xC5"sv), "?") << "half a letter";
  EXPECT_EQ(storable_text("\xC0\xAF"sv), "??") << "longer than need be";
  EXPECT_EQ(storable_text("\xED\xA0\x80"sv), "???") << "a surrogate";
  EXPECT_EQ(storable_text("a\0b"sv), "ab");
}

}  // namespace
}  // namespace katip::jobs
