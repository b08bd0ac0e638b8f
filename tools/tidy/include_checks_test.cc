#include "tidy/include_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::tidy {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

Findings check(std::string path, std::string_view text) {
  return check_includes(read_source(std::move(path), text));
}

auto says(const std::string& words) { return Field(&Finding::message, HasSubstr(words)); }

TEST(Includes, FollowTheArrows) {
  EXPECT_THAT(check("src/app/x.cc", "#include \"engine/engine.h\"\n"), IsEmpty());
  EXPECT_THAT(check("src/text/x.cc", "#include \"engine/engine.h\"\n"),
              ElementsAre(says("text must not know engine")));
  EXPECT_THAT(check("src/base/x.cc", "#include \"app/app.h\"\n"),
              ElementsAre(says("base must not know app")));
}

TEST(Includes, OfPrivateHeadersStayInTheirModule) {
  EXPECT_THAT(check("src/engine/x.cc", "#include \"engine/model/config.h\"\n"), IsEmpty());
  EXPECT_THAT(check("src/app/x.cc", "#include \"engine/model/config.h\"\n"),
              ElementsAre(says("private to engine")));
  EXPECT_THAT(check("fuzz/fuzz_x.cc", "#include \"engine/model/config.h\"\n"), IsEmpty());
  EXPECT_THAT(check("src/app/x_test.cc", "#include \"jobs/testing/x.h\"\n"), IsEmpty());
  EXPECT_THAT(check("src/app/x.cc", "#include \"jobs/testing/x.h\"\n"),
              ElementsAre(says("private to jobs")));
}

TEST(Includes, InsideTheEngineGoUpwards) {
  EXPECT_THAT(check("src/engine/decode/x.cc", "#include \"engine/graph/decoder.h\"\n"), IsEmpty());
  EXPECT_THAT(check("src/engine/decode/x.cc", "#include \"engine/engine.h\"\n"), IsEmpty());
  EXPECT_THAT(check("src/engine/x.cc", "#include \"engine/batch/batcher.h\"\n"), IsEmpty());
  EXPECT_THAT(check("src/engine/graph/x.cc", "#include \"engine/decode/search.h\"\n"),
              ElementsAre(says("engine/decode is not below engine/graph")));
  EXPECT_THAT(check("src/engine/kernels/x.cc", "#include \"engine/model/config.h\"\n"),
              ElementsAre(says("engine/model is not below engine/kernels")));
  EXPECT_THAT(check("src/engine/kernels/x.cc", "#include \"engine/magic/x.h\"\n"),
              ElementsAre(says("engine/magic is not in the table")));
}

TEST(Includes, NameTheModule) {
  EXPECT_THAT(check("src/text/x.cc", "#include \"srt.h\"\n"), ElementsAre(says("by its module")));
  EXPECT_THAT(check("src/text/x.cc", "#include \"../base/result.h\"\n"),
              ElementsAre(says("by its module")));
}

TEST(Includes, OfAModuleThatNobodyKnowsAreReported) {
  EXPECT_THAT(check("src/magic/x.cc", "#include \"base/result.h\"\n"),
              ElementsAre(says("not in the table of modules")));
}

TEST(Includes, StandInOrder) {
  EXPECT_THAT(check("src/text/srt_test.cc",
                    "#include \"text/srt.h\"\n\n#include <gtest/gtest.h>\n\n#include <vector>\n"),
              ElementsAre(says("order of includes")));
  EXPECT_THAT(check("src/text/srt.cc",
                    "#include \"text/srt.h\"\n#include <sys/stat.h>\n#include <vector>\n"
                    "#include <fmt/format.h>\n#include <unistd.h>\n#include \"base/result.h\"\n"),
              IsEmpty());
  EXPECT_THAT(check("src/text/srt.cc", "#include \"base/result.h\"\n#include <vector>\n"),
              ElementsAre(says("order of includes")));
}

TEST(Includes, OfThirdPartiesStayOutOfApiHeaders) {
  const std::string_view text = "#pragma once\n#include <fmt/format.h>\n";
  EXPECT_THAT(check("src/text/srt.h", text), ElementsAre(says("third-party headers")));
  EXPECT_THAT(check("src/text/inner/srt.h", text), IsEmpty());
}

TEST(Includes, InsideARawStringAreText) {
  EXPECT_THAT(check("src/text/x.cc", "auto x = R\"(\n#include \"app/app.h\"\n)\";\n"), IsEmpty());
}

TEST(Headers, BeginWithPragmaOnce) {
  EXPECT_THAT(check("src/text/srt.h", "int x;\n"), ElementsAre(says("#pragma once")));
  EXPECT_THAT(check("src/text/srt.h", ""), ElementsAre(says("#pragma once")));
}

}  // namespace
}  // namespace katip::tidy
