#include "store/migrate/files/file_name.h"

#include <gtest/gtest.h>

namespace katip::store::migrate {
namespace {

const FileNameParts kParts{.revision_id = "5cb3",
                           .slug = "add_users",
                           .time = {.epoch_s = 1'772'366'405,
                                    .year = 2026,
                                    .month = 3,
                                    .day = 1,
                                    .hour = 12,
                                    .minute = 0,
                                    .second = 5,
                                    .offset_minutes = 0}};

TEST(FileName, SlugsAreWordsInLowerCaseCutAtAWord) {
  EXPECT_EQ(slug_of("Add users' table!"), "add_users_table");
  EXPECT_EQ(slug_of(""), "");
  EXPECT_EQ(slug_of("one two three", 9), "one_two_");
  EXPECT_EQ(slug_of("onetwothree", 5), "onetw_");
  EXPECT_EQ(slug_of("\xC5\x9F\xC5\x9F", 3), "\xC5\x9F_") << "no half characters";
}

TEST(FileName, FillsTheTemplateOfAlembic) {
  EXPECT_EQ(file_name(kFileTemplate, kParts).value(), "5cb3_add_users");
  EXPECT_EQ(file_name("%(year)d_%(month).2d_%(day)02d-%(hour)s%(second).2d%%", kParts).value(),
            "2026_03_01-1205%");
  EXPECT_EQ(file_name("%(year)d/%(epoch)s_%(rev)s", kParts).value(), "2026/1772366405_5cb3");
}

TEST(FileName, RefusesWhatItDoesNotKnowAndPathsThatLeave) {
  for (const char* wrong :
       {"%(nothing)s", "%", "%(rev", "%(rev)x", "%(day).xd", "../%(rev)s", "/tmp/%(rev)s", ""}) {
    EXPECT_FALSE(file_name(wrong, kParts)) << wrong;
  }
}

}  // namespace
}  // namespace katip::store::migrate
