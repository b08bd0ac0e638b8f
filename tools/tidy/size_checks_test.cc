#include "tidy/size_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::tidy {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

auto says(const std::string& words) { return Field(&Finding::message, HasSubstr(words)); }

std::string repeat(std::string_view line, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line;
  return text;
}

std::vector<std::pair<int, int>> functions(std::string_view text) {
  std::vector<std::pair<int, int>> spans;
  const SourceFile file = read_source("src/base/x.cc", text);
  for (const FunctionSpan& span : find_functions(file)) {
    spans.emplace_back(span.first_line, span.last_line);
  }
  return spans;
}

using Spans = std::vector<std::pair<int, int>>;

TEST(FindFunctions, FindsThemInNamespacesAndTypes) {
  EXPECT_EQ(functions("namespace a {\nint f() {\n  return 1;\n}\n}\n"), (Spans{{2, 4}}));
  EXPECT_EQ(functions("class A {\n public:\n  int f() {\n    return 1;\n  }\n};\n"),
            (Spans{{3, 5}}));
  EXPECT_EQ(functions("struct alignas(64) A {\n  int x;\n};\n"), Spans{});
}

TEST(FindFunctions, CountsTheSignatureAndTheTemplateLine) {
  EXPECT_EQ(functions("template <typename T>\nint f(int a,\n      T b) {\n  return a;\n}\n"),
            (Spans{{1, 5}}));
}

TEST(FindFunctions, TakesBlocksAndLambdasForPartsOfTheirFunction) {
  EXPECT_EQ(functions("void f() {\n  if (x) {\n    g([&](int y) {\n      y();\n    });\n  }\n}\n"),
            (Spans{{1, 7}}));
}

TEST(FindFunctions, SeesPastTheBracesOfMemberInitialisers) {
  EXPECT_EQ(
      functions("A::A(int x)\n    : x_{x},\n      y_{1} {\n  g();\n}\nint f() { return 1; }\n"),
      (Spans{{1, 5}, {6, 6}}));
}

TEST(FindFunctions, LeavesTablesAndMacrosAlone) {
  EXPECT_EQ(functions("const int kTable[] = {\n    f(1),\n};\n"), Spans{});
  EXPECT_EQ(functions("#define X(a) \\\n  do { f(a);   \\\n  } while (0)\nvoid g() {\n}\n"),
            (Spans{{4, 5}}));
}

TEST(FindFunctions, SurvivesUnbalancedBraces) {
  EXPECT_EQ(functions("}}}\nint f() {\n}\n"), (Spans{{2, 3}}));
  EXPECT_EQ(functions("int f() {\n"), Spans{});
}

TEST(Sizes, LimitFunctions) {
  const auto text = [](int body) { return "void f() {\n" + repeat("  g();\n", body) + "}\n"; };
  const auto check = [](const std::string& text) {
    return check_sizes(read_source("src/base/x.cc", text));
  };
  EXPECT_THAT(check(text(kFunctionLinesMax - 2)), IsEmpty());
  EXPECT_THAT(check(text(kFunctionLinesMax - 1)), ElementsAre(says("a function of 71 lines")));
}

TEST(Sizes, LimitFilesAndGiveTestsMore) {
  const std::string text = repeat("int x;\n", kFileLinesMax + 1);
  EXPECT_THAT(check_sizes(read_source("src/base/x.cc", text)), ElementsAre(says("601 lines")));
  EXPECT_THAT(check_sizes(read_source("src/base/x_test.cc", text)), IsEmpty());
  EXPECT_THAT(check_sizes(read_source("docs/x.md", text)), IsEmpty());
}

TEST(Sizes, LimitTheReadmesOfModulesAndTheArchitecture) {
  const std::string text = repeat("x\n", kArchitectureLinesMax + 1);
  EXPECT_THAT(check_sizes(read_source("ARCHITECTURE.md", text)), ElementsAre(says("251 lines")));
  EXPECT_THAT(check_sizes(read_source("src/base/README.md", text)), ElementsAre(says("251 lines")));
  EXPECT_THAT(check_sizes(read_source("README.md", text)), IsEmpty());
}

TEST(Sizes, CountColumnsInCharacters) {
  const std::string hundred = repeat("\xc5\x9f", kColumnsMax) + "\n";
  EXPECT_THAT(check_sizes(read_source("src/base/x.h", hundred)), IsEmpty());
  EXPECT_THAT(check_sizes(read_source("src/base/x.h", "x" + hundred)),
              ElementsAre(says("101 columns")));
  EXPECT_THAT(check_sizes(read_source("src/base/x.h", "// https://example.com/" + hundred)),
              IsEmpty());
}

}  // namespace
}  // namespace katip::tidy
