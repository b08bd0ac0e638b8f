#include "store/migrate/graph/revision_graph.h"

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
using ::testing::UnorderedElementsAre;

std::string error_of(std::vector<RevisionFile> files) {
  const auto graph = RevisionGraph::build(std::move(files));
  return graph ? "no error" : graph.error().message;
}

TEST(RevisionGraph, OfNoFilesIsEmpty) {
  const RevisionGraph graph = graph_of({});
  EXPECT_THAT(graph.heads(), IsEmpty());
  EXPECT_THAT(graph.bases(), IsEmpty());
}

TEST(RevisionGraph, KnowsHeadsAndBasesWithAndWithoutDependencies) {
  const RevisionGraph graph = graph_of({revision("a"), revision("b", {"a"}), revision("c", {"a"}),
                                        revision("d", {"b", "c"}), revision("x", {}, {"d"})});
  EXPECT_THAT(ids_of(graph.heads()), ElementsAre("d", "x"));
  EXPECT_THAT(ids_of(graph.heads_of_all()), ElementsAre("x"));
  EXPECT_THAT(ids_of(graph.bases()), ElementsAre("a", "x"));
  EXPECT_TRUE(graph.find("a")->is_branch_point());
  EXPECT_TRUE(graph.find("d")->is_merge_point());
}

TEST(RevisionGraph, ADependencyOfAnAncestorIsNotNeededAgain) {
  const RevisionGraph graph =
      graph_of({revision("x"), revision("a", {}, {"x"}), revision("b", {"a"}, {"x"})});
  EXPECT_THAT(ids_of(graph.find("b")->depends_on), ElementsAre("x"));
  EXPECT_THAT(graph.find("b")->depends_on_needed, IsEmpty());
}

TEST(RevisionGraph, LabelsHoldForTheWholeLineUpToTheNextBranchPoint) {
  const RevisionGraph graph =
      graph_of({revision("a"), revision("b", {"a"}), revision("c", {"b"}, {}, {"voices"}),
                revision("d", {"c"}), revision("e", {"a"})});
  EXPECT_THAT(graph.find("d")->labels, ElementsAre("voices"));
  EXPECT_THAT(graph.find("b")->labels, ElementsAre("voices"));
  EXPECT_THAT(graph.find("a")->labels, IsEmpty()) << "it is on two branches";
  EXPECT_THAT(graph.find("e")->labels, IsEmpty());
}

TEST(RevisionGraph, AncestorsAndDescendantsFollowDependenciesOnDemand) {
  const RevisionGraph graph =
      graph_of({revision("a"), revision("b", {"a"}), revision("x"), revision("y", {"x"}, {"b"})});
  EXPECT_THAT(ids_of(graph.ancestors({graph.find("y")}, Edges::kRevises)),
              UnorderedElementsAre("y", "x"));
  EXPECT_THAT(ids_of(graph.ancestors({graph.find("y")}, Edges::kAll)),
              UnorderedElementsAre("y", "x", "b", "a"));
  EXPECT_THAT(ids_of(graph.descendants({graph.find("a")}, Edges::kAll)),
              UnorderedElementsAre("a", "b", "y"));
}

TEST(RevisionGraph, NamesWhatIsMissingDoubledOrGoesInCircles) {
  EXPECT_THAT(error_of({revision("a", {"b"})}), HasSubstr("a (a.sql) revises b, which is not"));
  EXPECT_THAT(error_of({revision("a", {}, {"b"})}),
              HasSubstr("depends on b, which is not present"));
  EXPECT_THAT(error_of({revision("a"), revision("a")}), HasSubstr("present more than once"));
  EXPECT_THAT(error_of({revision("a", {}, {}, {"l"}), revision("b", {}, {}, {"l"})}),
              HasSubstr("Branch name 'l' in revision b already used by revision a"));
  EXPECT_EQ(error_of({revision("a", {"a"})}), "Self-loop is detected in revisions (a)");
  EXPECT_EQ(error_of({revision("a", {}, {"a"})}),
            "Dependency self-loop is detected in revisions (a)");
  EXPECT_EQ(error_of({revision("a", {"b"}), revision("b", {"a"})}),
            "Cycle is detected in revisions (a, b)");
  EXPECT_EQ(
      error_of({revision("a"), revision("b", {"a"}), revision("c", {"d"}), revision("d", {"c"})}),
      "Cycle is detected in revisions (c, d)");
  EXPECT_EQ(error_of({revision("a", {}, {"b"}), revision("b", {}, {"a"})}),
            "Dependency cycle is detected in revisions (a, b)");
  EXPECT_EQ(error_of({revision("a"), revision("b", {"a", "c"}), revision("c", {"b"}),
                      revision("d", {"c"})}),
            "Cycle is detected in revisions (b, c)")
      << "with a way in and a way out";
}

}  // namespace
}  // namespace katip::store::migrate
