#include "store/migrate/plan/plan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/migrate/testing/graphs.h"

namespace katip::store::migrate {
namespace {

using ::testing::ElementsAre;
using testing::graph_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::revision;

using Rows = std::vector<std::string>;

std::vector<std::string> texts(const Result<Plan>& plan) {
  if (!plan) return {"error: " + plan.error().message};
  std::vector<std::string> texts;
  for (const Step& step : plan->steps) texts.push_back(short_text(step));
  return texts;
}

std::vector<std::string> changes(const Step& step) {
  std::vector<std::string> texts;
  for (const RowChange& change : step.changes) {
    texts.push_back(fmt::format("{}>{}", change.from, change.to));
  }
  return texts;
}

/// 001 - 002 ------- 004
///    \- 003 (side) -/
class Diamond : public ::testing::Test {
 protected:
  RevisionGraph graph_ =
      graph_of({revision("001"), revision("002", {"001"}), revision("003", {"001"}, {}, {"side"}),
                revision("004", {"002", "003"})});
};

TEST_F(Diamond, AnUpgradeRunsEverythingInOrderWithOneRowAHead) {
  const auto plan = plan_upgrade(graph_, {}, "head");
  EXPECT_THAT(texts(plan), ElementsAre("upgrade  -> 001", "upgrade 001 -> 003",
                                       "upgrade 001 -> 002", "upgrade 002, 003 -> 004"));
  EXPECT_THAT(changes(plan->steps[0]), ElementsAre(">001"));
  EXPECT_THAT(changes(plan->steps[1]), ElementsAre("001>003"));
  EXPECT_THAT(changes(plan->steps[2]), ElementsAre(">002"));
  EXPECT_THAT(changes(plan->steps[3]), ElementsAre("002>", "003>004"));
  EXPECT_THAT(plan->rows_after, ElementsAre("004"));
}

TEST_F(Diamond, ADowngradeOfAMergeBringsBothRowsBack) {
  const auto plan = plan_downgrade(graph_, {"004"}, "002");
  EXPECT_THAT(texts(plan), ElementsAre("downgrade 004 -> 002, 003"));
  EXPECT_THAT(changes(plan->steps[0]), ElementsAre(">002", "004>003"));
  EXPECT_THAT(plan->rows_after, ElementsAre("002", "003"));
}

TEST_F(Diamond, ADowngradeToBaseUndoesEverything) {
  const auto plan = plan_downgrade(graph_, {"004"}, "base");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->steps.size(), 4U);
  EXPECT_THAT(plan->rows_after, IsEmpty());
}

TEST_F(Diamond, NothingIsDoneTwice) {
  EXPECT_THAT(texts(plan_upgrade(graph_, {"004"}, "heads")), IsEmpty());
  EXPECT_THAT(texts(plan_downgrade(graph_, {}, "base")), IsEmpty());
}

TEST_F(Diamond, RelativeStepsAreCountedFromTheDatabase) {
  EXPECT_THAT(texts(plan_upgrade(graph_, {}, "+1")), ElementsAre("upgrade  -> 001"));
  EXPECT_THAT(texts(plan_upgrade(graph_, {"001"}, "side@+1")), ElementsAre("upgrade 001 -> 003"));
  EXPECT_THAT(texts(plan_upgrade(graph_, {"004"}, "+1")),
              ElementsAre("error: Relative revision +1 didn't produce 1 migrations"));
  EXPECT_THAT(texts(plan_downgrade(graph_, {}, "-1")),
              ElementsAre("error: Relative revision -1 didn't produce 1 migrations"));
  EXPECT_THAT(texts(plan_downgrade(graph_, {"003"}, "-1")), ElementsAre("downgrade 003 -> 001"));
}

TEST_F(Diamond, ADowngradeUpwardsIsAnError) {
  EXPECT_THAT(texts(plan_downgrade(graph_, {"001"}, "004")),
              ElementsAre("error: Destination 004 is not a valid downgrade target from current "
                          "head(s)"));
}

TEST_F(Diamond, ARowThatNoFileHasIsNamed) {
  EXPECT_THAT(texts(plan_upgrade(graph_, {"9999"}, "head")),
              ElementsAre("error: Can't locate revision identified by '9999'"));
}

TEST_F(Diamond, StampMovesRowsWithoutRunning) {
  EXPECT_THAT(plan_stamp(graph_, {}, {"004"})->rows_after, ElementsAre("004"));
  EXPECT_THAT(plan_stamp(graph_, {"004"}, {"001"})->rows_after, ElementsAre("001"));
  EXPECT_THAT(plan_stamp(graph_, {"004"}, {"base"})->rows_after, IsEmpty());
  EXPECT_THAT(texts(plan_stamp(graph_, {"001"}, {"002"})),
              ElementsAre("stamp_revision 001 -> 002"));
}

TEST(Plan, ADependencyIsUpgradedFirstAndHasNoRowOfItsOwn) {
  const RevisionGraph graph = graph_of({revision("a"), revision("x"), revision("y", {"x"}, {"a"})});
  const auto plan = plan_upgrade(graph, {}, "y");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->steps.size(), 3U);
  EXPECT_THAT(plan->rows_after, ElementsAre("y"));
  const auto down = plan_downgrade(graph, {"y"}, "x");
  EXPECT_THAT(down->rows_after, ElementsAre("a", "x"));
}

TEST(Plan, AMergeOverADependencyOfItsOwnParentNeedsOnlyTheRowsThereAre) {
  // Alembic 1.19 ends here with a KeyError.
  const RevisionGraph graph = graph_of(
      {revision("a"), revision("b", {"a"}), revision("c"), revision("d", {"b", "c"}, {"a"})});
  const auto plan = plan_upgrade(graph, {"b", "c"}, "d");
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->rows_after, ElementsAre("d"));
}

TEST(Plan, RowsThatOverlapAreAnError) {
  const RevisionGraph graph = graph_of({revision("a"), revision("b", {"a"})});
  EXPECT_THAT(texts(plan_upgrade(graph, {"a", "b"}, "head"))[0], HasSubstr("overlaps with other"));
}

}  // namespace
}  // namespace katip::store::migrate
