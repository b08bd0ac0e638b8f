#include <fstream>

#include "base/testing/temporary_folder.h"
#include "store/conformance/conformance.h"
#include "store/database_copies.h"
#include "store/schema.h"

namespace katip::store {
namespace {

namespace fs = std::filesystem;

class CopiesConformance : public Conformance {
 protected:
  void SetUp() override {
    Conformance::SetUp();
    if (IsSkipped()) return;
    must(sql().execute("create table notes (id integer primary key, text text)"));
    must(sql().execute("insert into notes values (1, 'one'), (2, 'kâtip')"));
    copies_ = must(DatabaseCopies::open(url(), {.scratch_dir = folder_.path()}));
  }
  [[nodiscard]] fs::path dump_path() const { return folder_.path() / "dump"; }
  DatabaseFacts dump() {
    fs::remove(dump_path());
    return must(copies_->dump(dump_path(), {}));
  }
  void load(const std::string& name) {
    fs::copy_file(dump_path(), copies_->load_path(name), fs::copy_options::overwrite_existing);
    must(copies_->load(name, {}));
  }
  std::string note(const DatabaseUrl& where, int id) {
    const auto connection = must(Connection::open(where, {}));
    const Rows rows = must(connection->query("select text from notes where id = $1", {id}));
    return rows.size() == 0 ? "" : must(rows[0].get<std::string>(0));
  }

  TemporaryFolder folder_;
  std::unique_ptr<DatabaseCopies> copies_;
};
KATIP_CONFORMANCE(CopiesConformance);

TEST_P(CopiesConformance, ADumpIsLoadedAsADatabaseOfItsOwn) {
  EXPECT_TRUE(must(copies_->exists()));
  EXPECT_GT(must(copies_->size()), 1'000);
  const DatabaseFacts facts = dump();
  EXPECT_EQ(facts.row_counts.at("notes"), 2);
  EXPECT_EQ(facts.server_version, sql().server_version());
  load("verify");
  EXPECT_TRUE(must(copies_->has("verify")));
  EXPECT_EQ(must(copies_->check("verify", {})).row_counts, facts.row_counts);
  EXPECT_EQ(note(copies_->url_of("verify"), 2), "kâtip");
  must(sql().execute("delete from notes"));
  EXPECT_EQ(note(copies_->url_of("verify"), 1), "one");
  load("verify");  // Again, in the place of the one before.
  must(copies_->drop("verify"));
  EXPECT_FALSE(must(copies_->has("verify")));
  must(copies_->drop("verify"));
}

TEST_P(CopiesConformance, SaysWhereTheSchemaStands) {
  must(upgrade_to_head(sql()));
  const DatabaseFacts facts = dump();
  EXPECT_EQ(facts.schema_heads, must(schema_status(sql())).heads);
  EXPECT_TRUE(facts.row_counts.contains("jobs"));
  EXPECT_GT(facts.row_counts.size(), 20u);
}

TEST_P(CopiesConformance, ADumpThatIsDamagedIsNotLoaded) {
  dump();
  const auto size = fs::file_size(dump_path());
  fs::resize_file(dump_path(), size / 2);
  fs::copy_file(dump_path(), copies_->load_path("verify"));
  const Status loaded = copies_->load("verify", {});
  const bool is_sound = loaded && copies_->check("verify", {}).has_value();
  EXPECT_FALSE(is_sound);
  must(copies_->drop("verify"));
}

TEST_P(CopiesConformance, ACopyTakesThePlaceOfTheLiveDatabase) {
  dump();
  load("restore");
  must(sql().execute("update notes set text = 'newer'"));
  const DatabaseUrl live = url();
  disconnect();
  must(copies_->put_in_place("restore", "aside"));
  EXPECT_EQ(note(live, 1), "one");
  EXPECT_EQ(note(copies_->url_of("aside"), 1), "newer");
  EXPECT_FALSE(must(copies_->has("restore")));
  must(copies_->drop("aside"));
}

TEST_P(CopiesConformance, WhatWasOnlyInTheLogOfTheOldDatabaseIsNotLost) {
  dump();
  load("restore");
  must(sql().execute("insert into notes values (3, 'in the log')"));
  const DatabaseUrl live = url();
  disconnect();
  must(copies_->put_in_place("restore", "aside"));
  EXPECT_EQ(note(copies_->url_of("aside"), 3), "in the log");
  EXPECT_EQ(note(live, 3), "");
  must(copies_->drop("aside"));
}

TEST_P(CopiesConformance, ACopyTakesThePlaceOfNothing) {
  dump();
  load("restore");
  const DatabaseUrl live = url();
  disconnect();
  // As on a new machine.
  must(copies_->put_in_place("restore", "aside"));
  must(copies_->drop("aside"));
  EXPECT_EQ(note(live, 2), "kâtip");
}

TEST_P(CopiesConformance, NothingIsReplacedWhileSomebodyIsConnected) {
  if (!is_postgres()) GTEST_SKIP() << "SQLite does not know who else has the file open";
  dump();
  load("restore");
  const Status put = copies_->put_in_place("restore", "aside");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, ErrorCode::kConflict);
  EXPECT_EQ(note(url(), 1), "one");
  must(copies_->drop("restore"));
}

TEST_P(CopiesConformance, ADatabaseInMemoryHasNoCopies) {
  const auto copies = DatabaseCopies::open(must(DatabaseUrl::parse("sqlite://")), {});
  ASSERT_FALSE(copies);
  EXPECT_EQ(copies.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace katip::store
