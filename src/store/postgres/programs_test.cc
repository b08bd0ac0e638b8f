#include "store/postgres/programs.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"

namespace katip::store::postgres {
namespace {

namespace fs = std::filesystem;

void write_program(const fs::path& path, const std::string& says) {
  std::ofstream(path) << "#!/bin/sh\necho '" << says << "'\n";
  fs::permissions(path, fs::perms::owner_all);
}

TEST(PostgresPrograms, ReadsTheirVersions) {
  EXPECT_EQ(major_version("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), 15);
  EXPECT_EQ(major_version("pg_dump (PostgreSQL) 17beta1"), 17);
  for (const char* text : {"", "pg_dump", "pg_dump (PostgreSQL) ", "pg_dump (PostgreSQL) x"}) {
    EXPECT_EQ(major_version(text), 0) << text;
  }
}

TEST(PostgresPrograms, RefusesOneThatIsOlderThanTheServer) {
  const TemporaryFolder folder;
  write_program(folder.path() / "pg_dump", "pg_dump (PostgreSQL) 14.2");
  EXPECT_TRUE(find_program("pg_dump", 14, folder.path(), {}));
  const auto older = find_program("pg_dump", 15, folder.path(), {});
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(older.error().message.contains("postgresql-client-15")) << older.error().message;
}

TEST(PostgresPrograms, SaysWhatToInstall) {
  const TemporaryFolder folder;
  const auto missing = find_program("pg_dump", 15, folder.path(), {});
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().message.contains("postgresql-client-15"));
}

TEST(PostgresPrograms, SaysWhatAProgramSaidAndNoPassword) {
  const TemporaryFolder folder;
  const auto url = DatabaseUrl::parse("postgresql://ada:hunter2@127.0.0.1:1/x").value();
  const Status status =
      run_program({"sh", "-c", "cat \"$PGSERVICEFILE\"; exit 1"}, url, folder.path(), {});
  ASSERT_FALSE(status);
  EXPECT_TRUE(status.error().message.contains("host=127.0.0.1\nport=1\nuser=ada\ndbname=x"));
  EXPECT_FALSE(status.error().message.contains("hunter2"));
  EXPECT_TRUE(fs::is_empty(folder.path())) << "the file is gone";
}

}  // namespace
}  // namespace katip::store::postgres
