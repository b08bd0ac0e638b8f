#include "tidy/call_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::tidy {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

auto says(const std::string& words) { return Field(&Finding::message, HasSubstr(words)); }

Findings check(std::string path, std::string_view text) {
  return check_calls(read_source(std::move(path), text));
}

TEST(Calls, ThatPrintAreForCliMainsAndTests) {
  const std::string_view text = "void f() { std::cout << 1; }\n";
  EXPECT_THAT(check("src/engine/x.cc", text), ElementsAre(says("std::cout")));
  EXPECT_THAT(check("src/cli/x.cc", text), IsEmpty());
  EXPECT_THAT(check("src/audio/decoder_main.cc", text), IsEmpty());
  EXPECT_THAT(check("src/engine/x_test.cc", text), IsEmpty());
  EXPECT_THAT(check("src/engine/x.cc", "int n = std::snprintf(b, 9, f);\n"), IsEmpty());
  EXPECT_THAT(check("src/base/assert.cc", "std::fprintf(stderr, x);\n"), IsEmpty());
}

TEST(Calls, ThatReadTheEnvironmentAreForCli) {
  EXPECT_THAT(check("src/remote/x.cc", "auto x = std::getenv(\"X\");\n"),
              ElementsAre(says("only cli reads")));
  EXPECT_THAT(check("src/cli/x.cc", "auto x = std::getenv(\"X\");\n"), IsEmpty());
}

TEST(Calls, ThatSleepAreNotForTests) {
  EXPECT_THAT(check("src/base/x_test.cc", "std::this_thread::sleep_for(1ms);\n"),
              ElementsAre(says("wait on a signal")));
  EXPECT_THAT(check("src/remote/x.cc", "std::this_thread::sleep_for(1ms);\n"), IsEmpty());
  EXPECT_THAT(check("src/base/x_test.cc", "clock.sleep_for(1ms);\n"), IsEmpty());
}

TEST(Calls, ToAShellOrToRandAreForNobody) {
  EXPECT_THAT(check("tests/integration/x_test.cc", "system(\"ls\");\n"),
              ElementsAre(says("no shell")));
  EXPECT_THAT(check("src/cli/x.cc", "std::system(x);\n"), ElementsAre(says("no shell")));
  EXPECT_THAT(check("src/cli/x.cc", "int x = rand();\n"), ElementsAre(says("seed")));
  EXPECT_THAT(check("src/cli/x.cc", "operating_system(x); options.system(x);\n"), IsEmpty());
}

TEST(Words, NewAndDeleteAreFound) {
  EXPECT_THAT(check("src/base/x.cc", "auto x = new Foo;\n"), ElementsAre(says("new is not used")));
  EXPECT_THAT(check("src/base/x.cc", "delete x;\n"), ElementsAre(says("delete is not used")));
  EXPECT_THAT(check("src/base/x.cc", "A(const A&) = delete;\n"), IsEmpty());
  EXPECT_THAT(check("src/base/x.cc", "return std::unique_ptr<A>(new A(x));\n"), IsEmpty());
  EXPECT_THAT(check("src/base/x.cc", "// a new day\nauto x = \"new day\";\n"), IsEmpty());
  EXPECT_THAT(check("src/base/x.cc", "void* operator new(std::size_t size);\n"), IsEmpty());
}

TEST(Words, ThreadsJoin) {
  EXPECT_THAT(check("src/base/x.cc", "std::thread t(f);\n"), ElementsAre(says("std::jthread")));
  EXPECT_THAT(check("src/base/x.cc", "t.detach();\n"), ElementsAre(says("std::jthread")));
  EXPECT_THAT(check("src/base/x.cc", "auto n = std::thread::hardware_concurrency();\n"), IsEmpty());
}

TEST(Words, NoHeaderOpensANamespace) {
  EXPECT_THAT(check("src/base/x.h", "using namespace std;\n"),
              ElementsAre(says("using namespace")));
  EXPECT_THAT(check("src/base/x.cc", "using namespace std::literals;\n"), IsEmpty());
}

TEST(Exceptions, AreNotSwallowed) {
  EXPECT_THAT(check("src/base/x.cc", "try {\n  f();\n} catch (...) {\n  // fine\n}\n"),
              ElementsAre(says("swallowed")));
  EXPECT_THAT(check("src/base/x.cc", "try {\n  f();\n} catch (...) {\n  return fail();\n}\n"),
              IsEmpty());
}

}  // namespace
}  // namespace katip::tidy
