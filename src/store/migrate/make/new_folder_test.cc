#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/testing/temporary_folder.h"
#include "store/migrate/files/file_text.h"
#include "store/migrations.h"

namespace katip::store {
namespace {

namespace fs = std::filesystem;

TEST(NewFolder, IsReadyForRevisionsAndNeverWrittenOver) {
  const TemporaryFolder temporary;
  const fs::path folder = temporary.path() / "db" / "migrations";
  const auto made = make_migration_folder(folder);
  ASSERT_TRUE(made) << made.error().message;
  for (const fs::path& path : *made) EXPECT_TRUE(fs::exists(path)) << path;
  const auto migrations = Migrations::of_folder({.folder = folder});
  ASSERT_TRUE(migrations) << migrations.error().message;
  EXPECT_EQ(migrations->history({}, {})->text, "");
  const auto path =
      migrations->make_revision({.message = "first", .id = "01"}, system_clock(), system_rng());
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(*path, folder / "versions" / "01_first.sql");
  EXPECT_EQ(Migrations::of_folder({.folder = folder})->history({}, {})->text,
            "<base> -> 01 (head), first\n");
  EXPECT_EQ(make_migration_folder(folder).error().code, ErrorCode::kConflict);
}

TEST(NewFolder, KatipsOwnTemplateIsTheUsualOne) {
  const fs::path path = fs::path(KATIP_SOURCE_DIR) / "migrations" / "script.sql.tmpl";
  EXPECT_EQ(read_whole_file(path, 4096).value(), migrate::default_script_template());
}

}  // namespace
}  // namespace katip::store
