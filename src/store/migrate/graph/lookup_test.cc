#include "store/migrate/graph/lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/migrate/graph/walk.h"
#include "store/migrate/testing/graphs.h"

namespace katip::store::migrate {
namespace {

using testing::graph_of;
using testing::revision;

/// a1111 - b2222 - c3333 (left)
///             \ - c4444 (right)
class Lookup : public ::testing::Test {
 protected:
  std::string one(std::string_view text) {
    const auto found = find_one(graph_, text);
    if (!found) return "error: " + explain(found.error()).message;
    return *found == nullptr ? "base" : (*found)->id();
  }
  std::string walked(std::string_view from, int steps, std::string branch = {}) {
    const auto place =
        walk(graph_, Place::of(graph_.find(from)),
             {.steps = steps, .branch = std::move(branch), .edge = WalkEdge::kLeave});
    if (!place) return place.error().message;
    return place->kind == Place::Kind::kNowhere ? "nowhere"
           : place->kind == Place::Kind::kBase  ? "base"
                                                : place->revision->id();
  }

  RevisionGraph graph_ = graph_of({revision("a1111"), revision("b2222", {"a1111"}),
                                   revision("c3333", {"b2222"}, {}, {"left"}),
                                   revision("c4444", {"b2222"}, {}, {"right"})});
};

TEST_F(Lookup, FindsWholeIdsBeginningsAndLabels) {
  EXPECT_EQ(one("a1111"), "a1111");
  EXPECT_EQ(one("b"), "b2222");
  EXPECT_EQ(one("left"), "c3333");
  EXPECT_EQ(one("rig"), "c4444");
  EXPECT_EQ(one("base"), "base");
  EXPECT_EQ(one("left@head"), "c3333");
  EXPECT_EQ(one("right@c"), "c4444") << "the branch makes the beginning unique";
}

TEST_F(Lookup, SaysWhatItCannotFind) {
  EXPECT_EQ(one("nope"), "error: Can't locate revision identified by 'nope'");
  EXPECT_TRUE(one("c").starts_with("error: Can't locate revision identified by 'c': it is the"));
  EXPECT_TRUE(one("left@c4444").starts_with("error: Can't locate revision identified by 'c4444'"));
  EXPECT_TRUE(one("").starts_with("error: "));
  EXPECT_TRUE(
      one("head").starts_with("error: Multiple head revisions are present for given "
                              "argument 'head'; please specify a specific target"));
}

TEST_F(Lookup, WalksUpAndDownAndOutOfTheGraph) {
  EXPECT_EQ(walked("a1111", 1), "b2222");
  EXPECT_EQ(walked("a1111", 2), "Ambiguous walk: the history branches on the way");
  EXPECT_EQ(walked("a1111", 2, "left"), "c3333");
  EXPECT_EQ(walked("c4444", -2), "a1111");
  EXPECT_EQ(walked("c4444", -3), "base");
  EXPECT_EQ(walked("c4444", -4), "nowhere");
  EXPECT_EQ(walked("c4444", 1), "nowhere");
}

TEST_F(Lookup, TheCurrentRevisionsAreTheLastOnTheirLines) {
  const auto current = all_current(graph_, {"c3333", "c4444"});
  ASSERT_TRUE(current);
  EXPECT_THAT(ids_of(*current), ::testing::UnorderedElementsAre("c3333", "c4444"));
}

}  // namespace
}  // namespace katip::store::migrate
