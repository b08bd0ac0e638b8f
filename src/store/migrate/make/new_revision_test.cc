#include "store/migrate/make/new_revision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "base/testing/temporary_folder.h"
#include "store/migrate/files/revision_folder.h"
#include "store/migrate/testing/graphs.h"

namespace katip::store::migrate {
namespace {

using ::testing::ElementsAre;
using testing::graph_of;
using ::testing::HasSubstr;
using testing::revision;

class FixedRng final : public Rng {
 public:
  std::uint64_t next() override { return 0x0123456789abcdefU; }
};

class NewRevisionTest : public ::testing::Test {
 protected:
  Result<PlannedFile> plan(const RevisionGraph& graph, const NewRevision& wanted) {
    return plan_file(graph, settings_, wanted, clock_, rng_);
  }
  std::string error(const RevisionGraph& graph, const NewRevision& wanted) {
    const auto file = plan(graph, wanted);
    return file ? "no error" : file.error().message;
  }

  TemporaryFolder folder_;
  FileSettings settings_{.version_folders = {folder_.path()}};
  ManualClock clock_;
  FixedRng rng_;
  RevisionGraph branched_ = graph_of(
      {revision("0001"), revision("0002", {"0001"}, {}, {"left"}), revision("0003", {"0001"})});
};

TEST_F(NewRevisionTest, TheFirstFileHasNoParentAndCanBeReadBack) {
  const auto file = plan(graph_of({}), {.message = "Add users' table"});
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->path, folder_.path() / "0123456789ab_add_users_table.sql");
  EXPECT_EQ(file->text,
            "-- revision: 0123456789ab\n-- revises: \n-- message: Add users' table\n"
            "-- created: 1970-01-01 00:00:00+00:00\n\n-- upgrade\n\n-- downgrade\n");
  ASSERT_TRUE(write_planned_file(*file));
  const auto files = read_revision_folders({folder_.path()}, Depth::kFlat);
  ASSERT_TRUE(files);
  EXPECT_EQ((*files)[0].message, "Add users' table");
  EXPECT_EQ(write_planned_file(*file).error().code, ErrorCode::kConflict);
}

TEST_F(NewRevisionTest, AMergeRevisesSeveralHeadsAndKeepsLabelsOfDependencies) {
  const auto file =
      plan(branched_,
           {.heads = {"heads"}, .branch_labels = {"both"}, .depends_on = {"left"}, .id = "m"});
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_THAT(file->revision.revises, ElementsAre("0002", "0003"));
  EXPECT_THAT(file->revision.depends_on, ElementsAre("left"));
  EXPECT_THAT(file->text, HasSubstr("-- branch_labels: both\n"));
}

TEST_F(NewRevisionTest, SaysWhyAFileCannotBe) {
  EXPECT_THAT(error(branched_, {}), HasSubstr("Multiple heads are present; please specify the"));
  EXPECT_EQ(error(branched_, {.heads = {"0001"}}),
            "Revision 0001 is not a head revision; please specify --splice to create a new branch "
            "from this revision");
  EXPECT_EQ(error(branched_, {.heads = {"0002", "left"}}), "Duplicate head revisions specified");
  EXPECT_EQ(error(branched_, {.heads = {"0003"}, .id = "a-b"}),
            "Character(s) '-' not allowed in revision identifier 'a-b'");
  EXPECT_THAT(error(branched_, {.heads = {"0003"}, .id = "0001"}), HasSubstr("more than once"));
  EXPECT_THAT(error(branched_, {.heads = {"0003"}, .branch_labels = {"left"}}),
              HasSubstr("already used"));
  EXPECT_EQ(error(branched_, {.heads = {"nope"}}), "Can't locate revision identified by 'nope'");
}

TEST_F(NewRevisionTest, SpliceMakesABranch) {
  const auto file = plan(branched_, {.heads = {"0001"}, .splice = Splice::kAllowed, .id = "0009"});
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_THAT(file->revision.revises, ElementsAre("0001"));
}

TEST_F(NewRevisionTest, AMessageCannotBreakOutOfItsLine) {
  const auto file = plan(graph_of({}), {.message = "a\n-- upgrade\ndrop table b;"});
  ASSERT_TRUE(file);
  EXPECT_EQ(file->revision.message, "a -- upgrade drop table b;");
  EXPECT_TRUE(file->revision.statements(Direction::kUpgrade, Dialect::kSqlite)->empty());
}

TEST_F(NewRevisionTest, SqlOfOneDatabaseSaysNothingAboutTheOther) {
  const auto file = plan(graph_of({}), {.sections = {{.direction = Direction::kUpgrade,
                                                      .dialect = Dialect::kSqlite,
                                                      .sql = "select 1;\n",
                                                      .first_line = 1}}});
  ASSERT_TRUE(file) << file.error().message;
  const auto again = parse_revision_file(file->text, "x.sql");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->has_section(Direction::kUpgrade, Dialect::kSqlite));
  EXPECT_FALSE(again->has_section(Direction::kUpgrade, Dialect::kPostgres));
}

TEST_F(NewRevisionTest, AnUnknownVariableOfTheTemplateIsNamed) {
  settings_.script_template = "-- revision: ${revision}\n${nothing}\n";
  EXPECT_EQ(error(graph_of({}), {}), "script template: '${nothing}' is unknown");
}

}  // namespace
}  // namespace katip::store::migrate
