#include "tidy/tree_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::tidy {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

auto says(const std::string& words) { return Field(&Finding::message, HasSubstr(words)); }

Tree example_tree() {
  return {.paths = {"README.md", "docs/roadmap.md", "src/base/result.h", "src/base/README.md"},
          .folders = {"docs", "src", "src/base", "src/text"},
          .compile_commands = R"([{"file": "/x/katip/src/base/result.cc"}])",
          .roadmap = "- faster mel\n"};
}

Findings words(std::string_view text) {
  return check_words(read_source("src/base/x.cc", text), example_tree());
}

Findings links(std::string_view text) {
  return check_links(read_source("docs/guide.md", text), example_tree());
}

TEST(Names, SayWhatTheFileIsAbout) {
  EXPECT_THAT(check_name("src/utils/x.cc"), ElementsAre(says("says nothing")));
  EXPECT_THAT(check_name("src/text/helpers.h"), ElementsAre(says("says nothing")));
  EXPECT_THAT(check_name("src/text/srt_writer.h"), IsEmpty());
}

TEST(Names, AreSnakeCase) {
  EXPECT_THAT(check_name("src/text/SrtWriter.cc"), ElementsAre(says("snake_case")));
  EXPECT_THAT(check_name("src/text/srt-writer.cc"), ElementsAre(says("snake_case")));
  EXPECT_THAT(check_name("src/text/srt.cpp"), ElementsAre(says(".cc and .h")));
  EXPECT_THAT(check_name("README.md"), IsEmpty());
}

TEST(SourceFiles, AreBuilt) {
  EXPECT_THAT(check_is_built("src/base/result.cc", example_tree()), IsEmpty());
  EXPECT_THAT(check_is_built("src/base/result_test.cc", example_tree()),
              ElementsAre(says("no target builds")));
  EXPECT_THAT(check_is_built("bench/bench_mel.cc", example_tree()),
              ElementsAre(says("no target builds")));
  EXPECT_THAT(check_is_built("src/base/result.h", example_tree()), IsEmpty());
}

TEST(Words, OfOneMachineAreFound) {
  EXPECT_THAT(words("auto x = \"/wor"
                    "k/main\";\n"),
              ElementsAre(says("path of one machine")));
  EXPECT_THAT(words("// see /hom"
                    "e/me\n"),
              ElementsAre(says("path of one machine")));
  EXPECT_THAT(words("#include \"net/wor"
                    "k/x.h\"\n"),
              IsEmpty());
  EXPECT_THAT(words("// https://pypi"
                    ".org/x\n"),
              ElementsAre(says("package host")));
}

TEST(Words, TodoStandsInTheRoadmap) {
  EXPECT_THAT(words("// TODO"
                    ": faster mel\n"),
              IsEmpty());
  EXPECT_THAT(words("// TODO"
                    ": dance\n"),
              ElementsAre(says("roadmap")));
}

TEST(Links, LeadSomewhere) {
  EXPECT_THAT(links("[a](roadmap.md) [b](../src/base/) [c](../README.md#x) [d](#here)\n"),
              IsEmpty());
  EXPECT_THAT(links("[a](https://example.com/x) `[b](gone.md)`\n"), IsEmpty());
  EXPECT_THAT(links("```\n[a](gone.md)\n```\n"), IsEmpty());
  EXPECT_THAT(links("see [a](gone.md) and [b](../gone/)\n"),
              ElementsAre(says("gone.md leads nowhere"), says("../gone/ leads nowhere")));
}

TEST(Modules, HaveAReadme) {
  EXPECT_THAT(check_module_readmes(example_tree()), ElementsAre(Field(&Finding::path, "src/text")));
}

}  // namespace
}  // namespace katip::tidy
