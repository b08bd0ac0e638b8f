#include "tidy/source_file.h"

#include <gtest/gtest.h>

namespace katip::tidy {
namespace {

std::string code_of(std::string_view text) {
  const SourceFile file = read_source("src/base/x.cc", text);
  std::string all;
  for (const std::string& line : file.code) all += line + "\n";
  return all;
}

TEST(SourceFile, BlanksCommentsAndKeepsTheColumns) {
  EXPECT_EQ(code_of("int a;  // new\nint b;\n"), "int a;        \nint b;\n");
  EXPECT_EQ(code_of("int /* delete\nx */ c;\n"), "int          \n     c;\n");
}

TEST(SourceFile, BlanksTheInsideOfLiteralsAndKeepsTheQuotes) {
  EXPECT_EQ(code_of("f(\"// no comment\", 'x');\n"), "f(\"             \", ' ');\n");
  EXPECT_EQ(code_of("f(\"a\\\"b\");\n"), "f(\"    \");\n");
}

TEST(SourceFile, BlanksRawStringsOverSeveralLines) {
  EXPECT_EQ(code_of("auto x = R\"(new\n\"delete)\";\nint y;\n"),
            "auto x = R\"    \n        \";\nint y;\n");
}

TEST(SourceFile, TakesADigitSeparatorForANumber) {
  EXPECT_EQ(code_of("int x = 1'000'000; new_x();\n"), "int x = 1'000'000; new_x();\n");
}

TEST(SourceFile, EndsOpenCommentsAndLiteralsWithTheText) {
  EXPECT_EQ(code_of("/* open"), "       \n");
  EXPECT_EQ(code_of("\"open"), "\"    \n");
  EXPECT_EQ(code_of("R\"(open"), "R\"     \n");
  EXPECT_EQ(code_of("\"\\"), "\" \n");
}

TEST(SourceFile, KnowsItsModuleAndKind) {
  EXPECT_EQ(read_source("src/engine/model/config.h", "").module(), "engine");
  EXPECT_EQ(read_source("fuzz/fuzz_wav.cc", "").module(), "");
  EXPECT_TRUE(read_source("src/text/srt_test.cc", "").is_test());
  EXPECT_TRUE(read_source("src/audio/integration/clips.cc", "").is_test());
  EXPECT_FALSE(read_source("src/text/srt.cc", "").is_test());
}

TEST(FindWord, FindsWholeWordsOnly) {
  EXPECT_EQ(find_word("snprintf(x)", "printf"), std::string_view::npos);
  EXPECT_EQ(find_word("x = printf(x)", "printf"), 4U);
  EXPECT_EQ(find_word("renew new", "new"), 6U);
  EXPECT_EQ(find_word("", "new"), std::string_view::npos);
}

}  // namespace
}  // namespace katip::tidy
