#include "store/migrate/show/texts.h"

#include <gtest/gtest.h>

#include "store/migrate/testing/graphs.h"

/// What is expected was printed by Alembic 1.19.1 for the same history.
namespace katip::store::migrate {
namespace {

using testing::graph_of;
using testing::revision;

RevisionFile named(RevisionFile file, std::string message) {
  file.message = std::move(message);
  return file;
}

class Texts : public ::testing::Test {
 protected:
  RevisionGraph graph_ = graph_of({named(revision("0001"), "Initial migration all modules"),
                                   named(revision("0002", {"0001"}), "second thing"),
                                   named(revision("0003", {"0001"}, {}, {"side"}), "br"),
                                   named(revision("0004", {"0002", "0003"}), "join")});
};

TEST_F(Texts, HistoryIsLastFirst) {
  EXPECT_EQ(history_text(graph_, {}, {}).value(),
            "0002, 0003 -> 0004 (side) (head) (mergepoint), join\n"
            "0001 -> 0002, second thing\n"
            "0001 -> 0003 (side), br\n"
            "<base> -> 0001 (branchpoint), Initial migration all modules\n");
}

TEST_F(Texts, HistoryOfARangeIncludesBothEnds) {
  EXPECT_EQ(history_text(graph_, {}, {.range = "0001:0002"}).value(),
            "0001 -> 0002, second thing\n"
            "<base> -> 0001 (branchpoint), Initial migration all modules\n");
  EXPECT_EQ(history_text(graph_, {"0002"}, {.range = "current:", .marks_current = true}).value(),
            "0002, 0003 -> 0004 (side) (head) (mergepoint), join\n"
            "0001 -> 0002 (current), second thing\n");
  EXPECT_EQ(history_text(graph_, {}, {.range = "5"}).error().message,
            "History range requires [start]:[end], [start]:, or :[end]");
}

TEST_F(Texts, ShowHasEverythingAboutOne) {
  EXPECT_EQ(show_text(graph_, {}, "0004").value(),
            "Rev: 0004 (head) (mergepoint)\nMerges: 0002, 0003\nBranch names: side\n"
            "Path: 0004.sql\n\n    join\n    \n    Revision ID: 0004\n    Revises: 0002, 0003\n\n");
}

TEST_F(Texts, HeadsBranchesAndCurrent) {
  EXPECT_EQ(heads_text(graph_, Detail::kBrief, Edges::kRevises), "0004 (side) (head)\n");
  EXPECT_EQ(branches_text(graph_, Detail::kBrief).value(),
            "0001 (branchpoint)\n     -> 0002\n     -> 0003 (side)\n\n");
  EXPECT_EQ(current_text(graph_, {"0004"}, Detail::kBrief).value(), "0004 (head) (mergepoint)\n");
  EXPECT_EQ(current_text(graph_, {}, Detail::kBrief).value(), "");
}

}  // namespace
}  // namespace katip::store::migrate
