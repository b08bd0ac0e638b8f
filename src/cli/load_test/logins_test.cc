#include "cli/load_test/logins.h"

#include <gtest/gtest.h>

namespace katip::cli {
namespace {

TEST(Logins, AreReadLineByLine) {
  const auto logins = parse_logins("# who\n\nayse:kedi:pencerede\r\nmehmet:x");
  ASSERT_TRUE(logins);
  ASSERT_EQ(logins->size(), 2u);
  EXPECT_EQ(logins->at(0).name, "ayse");
  EXPECT_EQ(logins->at(0).password.reveal(), "kedi:pencerede") << "only the first colon divides";
  EXPECT_EQ(logins->at(1).password.reveal(), "x");
  EXPECT_TRUE(parse_logins("")->empty());
}

TEST(Logins, OfOtherLinesNameTheLineAndNotItsText) {
  for (const std::string text : {"ayse:x\nsecret", "ayse:x\n:secret", "ayse:x\nsecret:"}) {
    const auto logins = parse_logins(text);
    ASSERT_FALSE(logins) << text;
    EXPECT_EQ(logins.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(logins.error().message.find("line 2"), std::string::npos);
    EXPECT_EQ(logins.error().message.find("secret"), std::string::npos);
  }
}

TEST(Logins, ThatAreMadeAreAllDifferent) {
  const auto first = make_logins(3, system_rng());
  const auto second = make_logins(3, system_rng());
  ASSERT_EQ(first.size(), 3u);
  EXPECT_TRUE(first[0].name.starts_with("loadtest-") && first[0].name.ends_with("-0001"));
  EXPECT_NE(first[0].name, first[1].name);
  EXPECT_NE(first[0].password.reveal(), first[1].password.reveal());
  EXPECT_NE(first[0].name, second[0].name) << "two tests on one server";
}

}  // namespace
}  // namespace katip::cli
