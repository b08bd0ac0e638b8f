#include "text/alignment.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace katip::text {
namespace {

using Items = std::vector<std::uint32_t>;

std::vector<Edit> align_items(const Items& reference, const Items& hypothesis) {
  return align(std::span<const std::uint32_t>(reference),
               std::span<const std::uint32_t>(hypothesis));
}

std::size_t cost(const std::vector<Edit>& edits) {
  return static_cast<std::size_t>(
      std::ranges::count_if(edits, [](const Edit& edit) { return edit.kind != EditKind::kMatch; }));
}

/// The textbook recurrence, two rows at a time.
std::size_t textbook_distance(const Items& a, const Items& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({diagonal + (a[i - 1] == b[j - 1] ? 0 : 1), above + 1, row[j - 1] + 1});
      diagonal = above;
    }
  }
  return row.back();
}

/// Every item of both sequences once and in order, and matches only where items are equal.
void expect_a_walk(const Items& reference, const Items& hypothesis,
                   const std::vector<Edit>& edits) {
  std::size_t i = 0;
  std::size_t j = 0;
  for (const Edit& edit : edits) {
    ASSERT_EQ(edit.reference_index, i);
    ASSERT_EQ(edit.hypothesis_index, j);
    if (edit.kind == EditKind::kMatch || edit.kind == EditKind::kSubstitution) {
      ASSERT_LT(i, reference.size());
      ASSERT_LT(j, hypothesis.size());
      ASSERT_EQ(edit.kind == EditKind::kMatch, reference[i] == hypothesis[j]);
    }
    i += edit.kind == EditKind::kInsertion ? 0 : 1;
    j += edit.kind == EditKind::kDeletion ? 0 : 1;
  }
  EXPECT_EQ(i, reference.size());
  EXPECT_EQ(j, hypothesis.size());
}

Items random_items(std::mt19937& random, std::size_t count, std::uint32_t kinds) {
  Items items(count);
  std::ranges::generate(items, [&] { return static_cast<std::uint32_t>(random() % kinds); });
  return items;
}

/// `items` with about one item in `rarity` replaced, left out or doubled.
Items with_errors(const Items& items, std::mt19937& random, std::uint32_t rarity) {
  Items changed;
  for (const std::uint32_t item : items) {
    switch (random() % (3 * rarity)) {
      case 0:
        changed.push_back(item + 1);
        break;
      case 1:
        break;
      case 2:
        changed.insert(changed.end(), 2, item);
        break;
      default:
        changed.push_back(item);
    }
  }
  return changed;
}

TEST(Align, OfNothingIsNothing) { EXPECT_TRUE(align_items({}, {}).empty()); }

TEST(Align, DeletesOrInsertsAllWhenOneSideIsEmpty) {
  const std::vector<Edit> deletions = {{EditKind::kDeletion, 0, 0}, {EditKind::kDeletion, 1, 0}};
  const std::vector<Edit> insertions = {{EditKind::kInsertion, 0, 0}};
  EXPECT_EQ(align_items({1, 2}, {}), deletions);
  EXPECT_EQ(align_items({}, {7}), insertions);
}

TEST(Align, NamesEveryKindOfEdit) {
  const std::vector<std::string> reference = {"the", "cat", "sat", "on", "the", "mat"};
  const std::vector<std::string> hypothesis = {"the", "bat", "sat", "the", "mat", "now"};
  const std::vector<Edit> expected = {{EditKind::kMatch, 0, 0},    {EditKind::kSubstitution, 1, 1},
                                      {EditKind::kMatch, 2, 2},    {EditKind::kDeletion, 3, 3},
                                      {EditKind::kMatch, 4, 3},    {EditKind::kMatch, 5, 4},
                                      {EditKind::kInsertion, 6, 5}};
  EXPECT_EQ(
      align(std::span<const std::string>(reference), std::span<const std::string>(hypothesis)),
      expected);
}

TEST(Align, IsAsShortAsTheTextbookSays) {
  std::mt19937 random(1);
  for (int round = 0; round < 120; ++round) {
    const Items reference =
        random_items(random, random() % 150, 2 + static_cast<std::uint32_t>(random() % 20));
    const Items hypothesis = round % 2 == 0 ? with_errors(reference, random, 4)
                                            : random_items(random, random() % 150, 5);
    const std::vector<Edit> edits = align_items(reference, hypothesis);
    expect_a_walk(reference, hypothesis, edits);
    EXPECT_EQ(cost(edits), textbook_distance(reference, hypothesis));
    EXPECT_EQ(distance(reference, hypothesis), cost(edits));
  }
}

TEST(Align, IsAsShortAsTheTextbookSaysWhenItIsCutInHalves) {
  std::mt19937 random(2);
  for (const std::uint32_t kinds : {2u, 30u, 5000u}) {
    const Items reference = random_items(random, 900, kinds);
    const Items hypothesis = with_errors(random_items(random, 30, kinds), random, 2);
    Items changed = with_errors(reference, random, 3);
    changed.insert(changed.begin() + 400, hypothesis.begin(), hypothesis.end());
    const std::vector<Edit> edits = align_items(reference, changed);
    expect_a_walk(reference, changed, edits);
    EXPECT_EQ(cost(edits), textbook_distance(reference, changed));
  }
}

TEST(Align, TakesLongSequencesOfVeryUnequalLength) {
  std::mt19937 random(3);
  const Items reference = random_items(random, 20000, 50);
  const Items hypothesis = random_items(random, 7, 50);
  const std::vector<Edit> edits = align_items(reference, hypothesis);
  expect_a_walk(reference, hypothesis, edits);
  EXPECT_EQ(cost(edits), reference.size() - hypothesis.size());
}

TEST(Align, WalksThroughTheWordsOfTwoHours) {
  std::mt19937 random(4);
  const Items reference = random_items(random, 20000, 4000);
  const Items hypothesis = with_errors(reference, random, 10);
  const std::vector<Edit> edits = align_items(reference, hypothesis);
  expect_a_walk(reference, hypothesis, edits);
  EXPECT_EQ(cost(edits), distance(reference, hypothesis));
}

}  // namespace
}  // namespace katip::text
