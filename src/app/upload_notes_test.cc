#include "app/upload_notes.h"

#include <gtest/gtest.h>

namespace katip::app {
namespace {

TEST(UploadNotes, AreReadAsTheyWereWritten) {
  for (const UploadNotes& notes :
       {UploadNotes{}, UploadNotes{.is_part = true}, UploadNotes{.description = "filename YQ==,b"},
        UploadNotes{.joined_from = "final;/a \"/b", .description = "x"}}) {
    EXPECT_EQ(parse_upload_notes(write_upload_notes(notes)), notes);
  }
  EXPECT_EQ(write_upload_notes({}), "{}");
}

TEST(UploadNotes, OfOlderServersAreReadAndOthersAreNone) {
  EXPECT_EQ(parse_upload_notes(R"({"concat": "partial"})"), (UploadNotes{.is_part = true}));
  for (const char* none : {"", "{", "[]", "null", R"({"concat": 7, "description": ["partial"]})"}) {
    EXPECT_EQ(parse_upload_notes(none), UploadNotes{}) << none;
  }
}

TEST(UploadNotes, ADescriptionMakesNoPart) {
  EXPECT_FALSE(parse_upload_notes(write_upload_notes({.description = "partial"})).is_part);
}

}  // namespace
}  // namespace katip::app
