#include "cli/migrate/ini_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace katip::cli {
namespace {

using ::testing::HasSubstr;

TEST(IniFile, HasSectionsSettingsCommentsAndLongValues) {
  const auto sections = parse_ini(
      "# comment\n[migrate]\nscript_location = %(here)s/db\n"
      "version_locations: a\n    b\n; more\nempty =\n\n[loggers]\nkeys = root\r\n",
      "x.ini");
  ASSERT_TRUE(sections) << sections.error().message;
  ASSERT_EQ(sections->size(), 2U);
  const auto& settings = (*sections)[0].settings;
  ASSERT_EQ(settings.size(), 3U);
  EXPECT_EQ(settings[0].value, "%(here)s/db");
  EXPECT_EQ(settings[0].line, 3);
  EXPECT_EQ(settings[1].value, "a\nb");
  EXPECT_EQ(settings[2].value, "");
  EXPECT_EQ((*sections)[1].settings[0].value, "root");
}

TEST(IniFile, FaultsNameTheirLine) {
  const auto message = [](const char* text) { return parse_ini(text, "x.ini").error().message; };
  EXPECT_THAT(message("a = 1"), HasSubstr("x.ini:1: a setting outside of a section"));
  EXPECT_THAT(message("[a]\nb"), HasSubstr("x.ini:2: a setting is written"));
  EXPECT_THAT(message("[a]\nb=1\nb=2"), HasSubstr("x.ini:3: `b` is there twice"));
  EXPECT_THAT(message("[a]\n[a]"), HasSubstr("twice"));
  EXPECT_THAT(message("[a"), HasSubstr("[name]"));
}

TEST(IniFile, VariablesAreFilledIn) {
  const std::map<std::string, std::string> variables = {{"here", "/x"}, {"EMPTY", ""}};
  EXPECT_EQ(interpolate("%(here)s/100%%", variables).value(), "/x/100%");
  EXPECT_THAT(interpolate("%(there)s", variables).error().message, HasSubstr("-x there="));
  EXPECT_FALSE(interpolate("50%", variables));
  EXPECT_EQ(expand_variables("a${here}b${NO:-c}${EMPTY:-d}", variables).value(), "a/xbcd");
  EXPECT_THAT(expand_variables("${NO}", variables).error().message, HasSubstr("NO is not set"));
  EXPECT_FALSE(expand_variables("${NO", variables));
}

}  // namespace
}  // namespace katip::cli
