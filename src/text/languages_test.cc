#include "text/languages.h"

#include <gtest/gtest.h>

namespace katip::text {
namespace {

TEST(LanguageName, IsTheEnglishNameInLowerCase) {
  EXPECT_EQ(language_name("en"), "english");
  EXPECT_EQ(language_name("tr"), "turkish");
  EXPECT_EQ(language_name("yue"), "cantonese");
  EXPECT_EQ(language_name("ht"), "haitian creole");
}

TEST(LanguageName, IsTheCodeItselfWhenUnknown) {
  EXPECT_EQ(language_name("xx"), "xx");
  EXPECT_EQ(language_name(""), "");
}

TEST(LanguageCode, IsFoundByNameAndByCode) {
  EXPECT_EQ(language_code("Turkish"), "tr");
  EXPECT_EQ(language_code("INDONESIAN"), "id");
  EXPECT_EQ(language_code("tr"), "tr");
  EXPECT_EQ(language_code("klingon"), "");
  EXPECT_EQ(language_code(""), "");
}

TEST(LanguageNames, LeadThereAndBack) {
  for (const LanguageName& language : language_names()) {
    EXPECT_EQ(language_code(language.name), language.code);
    EXPECT_EQ(language_name(language.code), language.name);
  }
}

}  // namespace
}  // namespace katip::text
